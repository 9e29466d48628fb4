#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "elf/bytes.h"
#include "elf/image.h"

// The dynamic string table (DT_STRTAB, DT_STRSZ).
namespace elf {

/// Fills in where the string table lies. elf::Error where there is none, or it is not in the file.
void find_string_table(Image& image);

/// Strings of a table by their offsets.
class Strings {
 public:
  /// The string at `offset`, one of those that were asked for.
  const std::string& at(std::uint64_t offset) const;

 private:
  friend class StringScan;
  std::vector<std::pair<std::uint64_t, std::string>> strings_;  // ascending
};

/// What one pass over a string table found.
struct ScannedStrings {
  Strings strings;
  std::vector<std::uint64_t>
      python_inits;  ///< where `PyInit_` and `PyInitU_` (PEP 489) stand, ascending
};

/// Reads the table once, forward, and holds no more than a block of it and the strings at
/// `offsets`. elf::Error for an offset outside the table, a string without an end, and more text
/// than any real library has.
ScannedStrings scan_strings(Reader& reader, const Image& image, std::vector<std::uint64_t> offsets);

}  // namespace elf
