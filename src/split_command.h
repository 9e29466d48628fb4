#pragma once

#include "src/failure.h"
#include "src/options.h"

namespace spokeshave {

/// `spokeshave split`: reads, plans, prints the plan, and writes the wheels unless it is a dry run.
/// Throws Failure.
ExitCode run_split(const SplitOptions& options);

}  // namespace spokeshave
