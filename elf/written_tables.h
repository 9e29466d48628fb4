#pragma once

#include <cstdint>

#include "elf/bytes.h"
#include "elf/image.h"

namespace elf {

/// Throws elf::Error where two tables that a rewrite may write into share bytes: the ELF header,
/// the program and the section headers, the dynamic string table, the first `dynamic_entries`
/// entries of the dynamic table, the records of symbol versions. In a damaged file one can lead
/// into another; what is written for the one would then change the other.
void require_tables_apart(Reader& reader, const Image& image, std::uint64_t dynamic_entries);

}  // namespace elf
