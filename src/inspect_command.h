#pragma once

#include "src/failure.h"
#include "src/options.h"

namespace spokeshave {

/// `spokeshave inspect`: the libraries of one or several wheels, as if installed into one folder;
/// with --graph who needs whom. kFound where a need that the wheels could meet is not met. Throws
/// Failure.
ExitCode run_inspect(const InspectOptions& options);

}  // namespace spokeshave
