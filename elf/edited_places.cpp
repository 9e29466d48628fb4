#include "elf/edited_places.h"

#include <algorithm>
#include <span>
#include <utility>

#include "elf/bytes.h"
#include "elf/format.h"
#include "elf/sections.h"
#include "elf/versions.h"

namespace elf {
namespace {

bool is_name(std::uint64_t tag) {
  return tag == DT_NEEDED || tag == DT_SONAME || tag == DT_RPATH || tag == DT_RUNPATH;
}

FileRange field_range(std::uint64_t record, Field field, Format format) {
  return {record + field.offset(format), field.width(format)};
}

}  // namespace

EditedPlaces find_edited_places(Source& source, const Image& image) {
  const Format format = image.format;
  EditedPlaces places;
  places.ranges = {
      field_range(0, ehdr::e_phoff, format),
      field_range(0, ehdr::e_phnum, format),
      {image.program_headers_offset, image.segments.size() * phdr::kSize.bytes(format)}};
  if (!image.dynamic.empty()) {
    Reader reader(source, format);
    if (const auto header = read_sections(reader, image).string_table_header) {
      for (const Field field : {shdr::sh_addr, shdr::sh_offset, shdr::sh_size}) {
        places.ranges.push_back(field_range(*header, field, format));
      }
    }
    places.strings.resize(static_cast<std::size_t>(image.string_table_size));
    reader.copy(image.string_table_offset, std::as_writable_bytes(std::span(places.strings)),
                "the dynamic string table");
    places.ranges.push_back({image.string_table_offset, image.string_table_size});
    places.ranges.push_back(dynamic_table_range(image));
    places.ranges.push_back(find_version_needs(reader, image).range);

    const auto add_string = [&](std::uint64_t offset) {
      const auto end = places.strings.find('\0', static_cast<std::size_t>(offset));
      if (end == std::string::npos) return;
      const auto next =
          std::min(places.strings.find_first_not_of('\0', end), places.strings.size());
      places.old_strings.push_back({offset, next - 1 - offset});
    };
    for (const DynamicEntry& entry : image.dynamic) {
      if (is_name(entry.tag)) add_string(entry.value);
    }
    for (const NeedRecord& need : read_version_needs(reader, image)) add_string(need.file);
  }
  join_ranges(places.ranges);
  join_ranges(places.old_strings);
  return places;
}

FileRange dynamic_table_range(const Image& image) {
  const std::uint64_t entries = image.dynamic.size() + 1 + image.spare_dynamic_entries;
  return {image.dynamic.front().file_offset, entries * dyn::kSize.bytes(image.format)};
}

void join_ranges(std::vector<FileRange>& ranges) {
  std::erase_if(ranges, [](const FileRange& range) { return range.size == 0; });
  std::ranges::sort(ranges, {}, &FileRange::offset);
  std::vector<FileRange> joined;
  for (const FileRange& range : ranges) {
    if (joined.empty() || joined.back().offset + joined.back().size < range.offset) {
      joined.push_back(range);
      continue;
    }
    FileRange& last = joined.back();
    last.size = std::max(last.offset + last.size, range.offset + range.size) - last.offset;
  }
  ranges = std::move(joined);
}

}  // namespace elf
