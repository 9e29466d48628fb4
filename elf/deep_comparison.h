#pragma once

#include <string>
#include <vector>

#include "elf/source.h"

namespace elf {

/// Something that a rewrite of names and search paths must not change, and that differs.
struct DeepDifference {
  std::string part;  ///< `segments`, `sections`, `symbols`, `versions`, `relocations`, `notes`,
                     ///< `dynamic entries`, `header`
  std::string what;  ///< one line, no full stop
};

/// Whether this build can compare: it was built with LIEF.
bool can_compare_deeply();

/// Parses both states of a library with LIEF, a reader that is not ours, and compares everything
/// but the edited strings (RPATH, RUNPATH, SONAME, NEEDED and the version needs' file names) and
/// what must move with them (.dynstr, its segment, a program header table that was copied). All
/// other bytes of the library before are compared as well, by fingerprints. At most a hundred
/// differences of a part are told, then how many more. One state is read after the other: holds
/// the bytes of one of them twice, what LIEF makes of them, and of the other the values. LIEF may
/// do anything over a hostile file: call it in a process that may die. Throws elf::Error where LIEF
/// cannot read one of them, or not all of it; x32 files are such.
std::vector<DeepDifference> compare_deeply(Source& before, Source& after);

}  // namespace elf
