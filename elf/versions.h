#pragma once

#include <cstdint>
#include <vector>

#include "elf/bytes.h"
#include "elf/image.h"
#include "elf/segments.h"

// Symbol versions (LSB Core, "Symbol Versioning"; glibc, elf/dl-version.c). Names are offsets into
// the string table.
namespace elf {

/// One Elf_Verneed and its Elf_Vernaux chain.
struct NeedRecord {
  std::uint64_t file_offset = 0;  ///< of the record
  std::uint64_t file = 0;         ///< vn_file
  std::vector<std::uint64_t> names;
};

/// One Elf_Verdef: its own name, then those of its parents.
struct DefinitionRecord {
  bool is_base = false;  ///< names the library, not a version
  std::vector<std::uint64_t> names;
};

std::vector<NeedRecord> read_version_needs(Reader& reader, const Image& image);
std::vector<DefinitionRecord> read_version_definitions(Reader& reader, const Image& image);

/// One of the two tables as it lies in the file: from its first record to the end of the last that
/// its chains lead to.
struct VersionRecords {
  FileRange range;
  std::uint64_t count = 0;  ///< of Elf_Verneed or Elf_Verdef
};
VersionRecords find_version_needs(Reader& reader, const Image& image);
VersionRecords find_version_definitions(Reader& reader, const Image& image);

}  // namespace elf
