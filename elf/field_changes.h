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

/// What differs between two states of one library, field by field: names, search paths, machine and
/// type, interpreter, flags, versions, segments, sizes. A segment that moved is one line, not
/// eight. For a reviewer: the most telling first. Pure.
std::vector<FieldChange> field_changes(const Image& before, const Image& after);

}  // namespace elf
