#include "elf/sections.h"

#include <algorithm>

#include "elf/dynamic.h"
#include "elf/segments.h"

namespace elf {
namespace {

template <typename See>
void for_each_section(Reader& reader, const Image& image, See see) {
  const std::size_t record_size = shdr::kSize.bytes(image.format);
  std::uint64_t index = 0;
  reader.stream(
      image.section_headers_offset, image.section_header_count * record_size, record_size,
      "the section header table", [&](std::uint64_t position, std::span<const std::byte> piece) {
        for (std::size_t at = 0; at < piece.size(); at += record_size) {
          see(index++, position + at, Record(piece.subspan(at, record_size), image.format));
        }
        return true;
      });
}

std::uint64_t names_section(Reader& reader, const Image& image) {
  const std::uint64_t index = reader.record(0, ehdr::kSize, "the ELF header")[ehdr::e_shstrndx];
  if (index != SHN_XINDEX) return index;
  return reader.record(image.section_headers_offset, shdr::kSize,
                       "the first section header")[shdr::sh_link];
}

// The sections that may speak of .dynstr by way of the dynamic table, whose strings are all
// counted.
bool is_dynamic_table(std::uint64_t type) {
  return type == SHT_DYNSYM || type == SHT_DYNAMIC || type == SHT_GNU_verdef ||
         type == SHT_GNU_verneed;
}

}  // namespace

SectionFacts read_sections(Reader& reader, const Image& image) {
  SectionFacts facts;
  if (!image.has_section_headers()) return facts;
  const std::uint64_t names_index = names_section(reader, image);
  const std::uint64_t strings_at = find_entry(image, DT_STRTAB)->value;
  const std::uint64_t dynamic_at = find_segment(image, PT_DYNAMIC)->vaddr;
  for_each_section(reader, image, [&](std::uint64_t index, std::uint64_t offset, Record section) {
    const bool loaded = (section[shdr::sh_flags] & SHF_ALLOC) != 0;
    if (section[shdr::sh_type] == SHT_STRTAB && loaded && section[shdr::sh_addr] == strings_at &&
        section[shdr::sh_offset] == image.string_table_offset && !facts.string_table_header) {
      facts.string_table_header = offset;
      facts.string_table_index = index;
    }
    if (section[shdr::sh_type] == SHT_DYNAMIC && section[shdr::sh_addr] == dynamic_at) {
      facts.dynamic_size = section[shdr::sh_size];
    }
  });
  if (!facts.string_table_header) return facts;
  for_each_section(reader, image, [&](std::uint64_t, std::uint64_t, Record section) {
    const std::uint64_t type = section[shdr::sh_type];
    if (section[shdr::sh_link] == facts.string_table_index && type != SHT_NULL &&
        !is_dynamic_table(type)) {
      facts.string_table_has_other_users = true;
    }
  });
  facts.string_table_has_other_users |= names_index == facts.string_table_index;
  return facts;
}

std::vector<std::uint64_t> find_section_symbols(Reader& reader, const Image& image,
                                                std::uint64_t index) {
  constexpr const char* kSymbols = "the symbol table";
  const std::size_t record_size = sym::kSize.bytes(image.format);
  std::optional<FileRange> table;
  for_each_section(reader, image, [&](std::uint64_t, std::uint64_t, Record section) {
    const std::uint64_t offset = section[shdr::sh_offset];
    const std::uint64_t size = section[shdr::sh_size];
    if (section[shdr::sh_type] != SHT_SYMTAB || !fits(offset, size, image.size)) return;
    // Such symbols are local, and sh_info counts the local ones, which come first (gABI, "Symbol
    // Table").
    table = {offset, std::min(size, section[shdr::sh_info] * record_size)};
  });
  std::vector<std::uint64_t> symbols;
  if (table) {
    reader.stream(table->offset, table->size, record_size, kSymbols,
                  [&](std::uint64_t position, std::span<const std::byte> piece) {
                    for (std::size_t at = 0; at < piece.size(); at += record_size) {
                      const Record symbol(piece.subspan(at, record_size), image.format);
                      const bool is_section = (symbol[sym::st_info] & 0xf) == STT_SECTION;
                      if (is_section && symbol[sym::st_shndx] == index)
                        symbols.push_back(position + at);
                    }
                    return true;
                  });
  }
  return symbols;
}

}  // namespace elf
