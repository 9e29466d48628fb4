#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "elf/bytes.h"
#include "elf/image.h"

// Section headers: the loader does not read them, but strip, objcopy and debuggers do. What they
// say about the dynamic tables is kept true where it was true; a table that is absent or wrong is
// left alone.
namespace elf {

struct SectionFacts {
  std::optional<std::uint64_t>
      string_table_header;  ///< file offset of the header of .dynstr, whatever its name
  std::uint64_t string_table_index = 0;
  bool string_table_has_other_users =
      false;  ///< section names or a symbol table that no program header leads to
  std::optional<std::uint64_t> dynamic_size;  ///< of .dynamic, bytes
};

SectionFacts read_sections(Reader& reader, const Image& image);

/// Where in .symtab the symbols stand that are section `index` itself (STT_SECTION), whose value is
/// its address: file offsets. Some linkers make one for every section.
std::vector<std::uint64_t> find_section_symbols(Reader& reader, const Image& image,
                                                std::uint64_t index);

}  // namespace elf
