#pragma once

#include "src/failure.h"
#include "src/options.h"

namespace spokeshave {

/// `spokeshave verify`: are the wheels what they say of themselves, would an index and installers
/// take them, will the loader find what their libraries need, and how do they differ from the wheel
/// that they were made of? kFound where there is a finding. Throws Failure.
ExitCode run_verify(const VerifyOptions& options);

}  // namespace spokeshave
