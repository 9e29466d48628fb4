#pragma once

#include "src/failure.h"
#include "src/options.h"

namespace spokeshave {

/// `spokeshave inspect`: the libraries of one or several wheels, as if installed into one folder or
/// into one each; who needs whom, and what is wrong. kFound where a library is missing or broken,
/// or with --symbols a symbol is. Throws Failure.
ExitCode run_inspect(const InspectOptions& options);

}  // namespace spokeshave
