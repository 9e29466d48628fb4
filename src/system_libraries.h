#pragma once

#include <string_view>

namespace spokeshave {

/// Whether every Linux system that a manylinux or musllinux wheel may be installed on brings a
/// library of this SONAME: the lists of PEP 513, 571, 599 and 600 (`lib_whitelist`), the dynamic
/// loaders, and musl's libc.
bool is_system_library(std::string_view soname);

/// Whether the GPU's driver brings it: it is on machines with a GPU only, and never in a wheel.
bool is_driver_library(std::string_view soname);

/// Neither: if anything brings it, another wheel does.
bool is_of_another_wheel(std::string_view soname);

}  // namespace spokeshave
