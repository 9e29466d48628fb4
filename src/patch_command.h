#pragma once

#include "src/failure.h"
#include "src/options.h"

namespace spokeshave {

/// `spokeshave patch`. Throws Failure.
ExitCode run_patch(const PatchOptions& options);

}  // namespace spokeshave
