#pragma once

#include <string>
#include <string_view>

namespace spokeshave {

/// Whether a member's path matches a GLOB of the command line (*, ?, [...], as fnmatch(3)): without
/// `/` the file name is compared, with one the whole path inside the wheel.
bool glob_matches(const std::string& glob, const std::string& path);

/// `torch/lib/libc10.so` -> `libc10.so`.
std::string_view file_name(std::string_view path);
/// `torch/lib/libc10.so` -> `torch/lib`; empty for a path without a folder.
std::string_view folder_of(std::string_view path);

}  // namespace spokeshave
