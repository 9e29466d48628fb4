#pragma once

#include <string>
#include <system_error>
#include <vector>

#include "src/failure.h"
#include "wheel/error.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// Opens a wheel that the user named. Throws Failure where it cannot be read or is none.
wheel::WheelFile open_wheel(const std::string& path);

/// Throws Failure where there is nothing at `path`.
void check_is_there(const std::string& path);

/// What is wrong inside the wheel at `path`, in three lines; or with reading it.
Failure unreadable(const std::string& path, const wheel::Error& error);
Failure unreadable(const std::string& path, const std::system_error& error);

/// Throws Failure where two of the wheels, whose names in METADATA are `names`, are of one
/// distribution: they cannot be installed together.
void refuse_same_distribution(const std::vector<std::string>& paths,
                              const std::vector<std::string>& names, const char* hint);

}  // namespace spokeshave
