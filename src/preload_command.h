#pragma once

#include "src/options.h"

namespace spokeshave {

/// `spokeshave preload`: prints what must be loaded before the first wheel's package, or writes
/// that wheel so that it loads it. kFound where something is missing, or a circle cannot be loaded:
/// then no wheel is written. Throws Failure.
ExitCode run_preload(const PreloadOptions& options);

}  // namespace spokeshave
