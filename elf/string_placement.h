#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elf/string_slots.h"

namespace elf {

/// Where one new string goes, in the string table.
struct StringPlace {
  enum class Kind { kOverwrites, kReuses, kAppended } kind = Kind::kAppended;
  std::uint64_t offset = 0;  ///< in the table; for kAppended: in StringPlacement::appended
};

/// Bytes of the table that are to be overwritten.
struct TableChange {
  std::uint64_t offset = 0;  ///< in the table
  std::string bytes;
};

struct StringPlacement {
  std::vector<StringPlace> places;   ///< one for each text
  std::vector<TableChange> changes;  ///< disjoint
  std::string appended;              ///< what goes behind the table, NULs included
};

/// Finds a place for each text: over a free slot, preferably its own; else where an equal string or
/// one that ends so stands already; else behind the table. `own_strings[i]`: the offset of the
/// string that text i replaces, if any. Pure.
StringPlacement place_strings(const std::vector<std::string>& texts,
                              const std::vector<std::optional<std::uint64_t>>& own_strings,
                              const std::vector<StringSlot>& slots, std::string_view table);

}  // namespace elf
