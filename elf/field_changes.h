#pragma once

#include <string>
#include <vector>

#include "elf/image.h"

namespace elf {

/// One thing that the loader sees otherwise in two states of a library.
struct FieldChange {
  std::string field;   ///< `SONAME`, `RUNPATH`, `NEEDED`, ...
  std::string before;  ///< empty: there was none
  std::string after;   ///< empty: there is none
};

/// What differs between two states of one library, field by field: machine and type, names, search
/// paths, interpreter, versions, flags, segments, other dynamic entries, sizes. For a reviewer: the
/// most telling first. A segment that moved is one line, not eight; a new name in the place of an
/// old one is one as well. A search path that is there and empty is shown as `""`. Of one kind of
/// thing a hundred changes at most are told; then one more says in its `field` how many are left.
/// Pure.
std::vector<FieldChange> field_changes(const Image& before, const Image& after);

}  // namespace elf
