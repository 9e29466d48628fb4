#pragma once

#include <cstdint>
#include <vector>

#include "elf/bytes.h"
#include "elf/image.h"
#include "elf/segments.h"

namespace elf {

/// A table that a rewrite may write into, or that leads the loader from one such to the next.
struct WrittenTable {
  const char* name;  ///< as in a message
  FileRange range;
};

/// The ELF header, the program and the section headers, the dynamic string table, the first
/// `dynamic_entries` entries of the dynamic table, and the two tables of symbol versions, each from
/// its first record to the end of the last that its chains lead to. elf::Error where such a chain
/// leads out of its segment.
std::vector<WrittenTable> find_written_tables(Reader& reader, const Image& image,
                                              std::uint64_t dynamic_entries);

/// Throws elf::Error where the table shares bytes with one of the others: in a damaged file one can
/// lead into another, and what is written for the one would change the other.
void require_apart(const WrittenTable& table, const std::vector<WrittenTable>& others);
/// The same for each two of them.
void require_apart(const std::vector<WrittenTable>& tables);

}  // namespace elf
