#include "elf/written_tables.h"

#include <string>

#include "elf/error.h"
#include "elf/format.h"
#include "elf/versions.h"

namespace elf {
namespace {

void require_apart(const WrittenTable& one, const WrittenTable& other) {
  if (overlap(one.range, other.range)) {
    throw Error(one.range.offset, std::string(other.name) + " and " + one.name + " overlap");
  }
}

}  // namespace

std::vector<WrittenTable> find_written_tables(Reader& reader, const Image& image,
                                              std::uint64_t dynamic_entries) {
  const Format format = image.format;
  return {{"the ELF header", {0, ehdr::kSize.bytes(format)}},
          {"the program headers",
           {image.program_headers_offset, image.segments.size() * phdr::kSize.bytes(format)}},
          {"the section headers",
           {image.section_headers_offset, image.section_header_count * shdr::kSize.bytes(format)}},
          {"the dynamic string table", {image.string_table_offset, image.string_table_size}},
          {"the dynamic table",
           {image.dynamic.front().file_offset, dynamic_entries * dyn::kSize.bytes(format)}},
          {"the table of needed versions", find_version_needs(reader, image).range},
          {"the table of defined versions", find_version_definitions(reader, image).range}};
}

void require_apart(const WrittenTable& table, const std::vector<WrittenTable>& others) {
  for (const WrittenTable& other : others) require_apart(table, other);
}

void require_apart(const std::vector<WrittenTable>& tables) {
  for (auto one = tables.begin(); one != tables.end(); ++one) {
    for (auto other = tables.begin(); other != one; ++other) require_apart(*one, *other);
  }
}

}  // namespace elf
