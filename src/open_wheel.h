#pragma once

#include <string>

#include "src/failure.h"
#include "wheel/error.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// Opens a wheel that the user named. Throws Failure where it cannot be read or is none.
wheel::WheelFile open_wheel(const std::string& path);

/// What is wrong inside the wheel at `path`, in three lines.
Failure unreadable(const std::string& path, const wheel::Error& error);

}  // namespace spokeshave
