#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "elf/image.h"
#include "elf/segments.h"
#include "elf/source.h"

namespace elf {

/// Where in a file edits of its names may write.
struct EditedPlaces {
  std::string strings;                 ///< the dynamic string table, DT_STRSZ bytes
  std::vector<FileRange> old_strings;  ///< in it, those that an edit may overwrite, with the NULs
                                       ///< behind them but the last; ascending
  /// In the file: what its header says of the program headers, these, and of a file for the loader
  /// the string table, what its section header says of it, the dynamic table and the version needs.
  /// Ascending.
  std::vector<FileRange> ranges;
};

EditedPlaces find_edited_places(Source& source, const Image& image);

/// What the dynamic table holds, its spare entries included.
FileRange dynamic_table_range(const Image& image);

/// Sorts them, drops those without a byte, and makes one of those that overlap or meet.
void join_ranges(std::vector<FileRange>& ranges);

}  // namespace elf
