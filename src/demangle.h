#pragma once

#include <string>
#include <vector>

namespace spokeshave {

/// Each name as a C++ programmer wrote it (Itanium C++ ABI, "External Names"), or as it is where it
/// is no mangled one. A name of some hundred letters can stand for gigabytes, so a child process
/// with little memory and time does it (run_in_child(): no other thread may run), and names for
/// which that is not enough stay as they are, as do names of over 4096 bytes.
std::vector<std::string> demangled(const std::vector<std::string>& names);

}  // namespace spokeshave
