#pragma once

#include "elf/loader.h"

namespace support {

/// Links a library as gcc does and puts it at its path: its NEEDED come of stub libraries of those
/// SONAMEs. What no linker makes (RPATH and RUNPATH both, another machine) is poked in. It has one
/// function, `call`, that of TinyLibrary. Returns what it holds, read back from the file. Throws
/// std::runtime_error with the compiler's words.
elf::InstalledLibrary link_library(const elf::InstalledLibrary& wanted);

}  // namespace support
