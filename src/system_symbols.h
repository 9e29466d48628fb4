#pragma once

#include <map>
#include <string>
#include <vector>

#include "elf/image.h"
#include "src/symbol_report.h"

namespace spokeshave {

/// The folders in which the loader of this ABI looks when nothing else is said, in its order
/// (ld.so(8); Debian's multiarch folders; musl's, ldso/dynlink.c), without what ld.so.conf adds.
std::vector<std::string> default_library_folders(const elf::Image& of_this_abi);

/// Which libraries of the system are to be looked into: by SONAME, and an image whose ABI they must
/// have.
using WantedLibraries = std::map<std::string, const elf::Image*>;

/// The symbols of those that lie in a default folder of this machine; the others are left out. Each
/// is read in a child process, as read_in_child() says.
std::vector<SystemLibrary> read_system_libraries(const WantedLibraries& wanted);
/// The same in the given folders.
std::vector<SystemLibrary> read_system_libraries(const WantedLibraries& wanted,
                                                 const std::vector<std::string>& folders);

}  // namespace spokeshave
