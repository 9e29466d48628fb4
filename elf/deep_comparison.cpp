#include "elf/deep_comparison.h"

#include <algorithm>
#include <random>
#include <span>
#include <string_view>
#include <utility>

#include "elf/deep_reading.h"
#include "elf/deep_segments.h"
#include "elf/field_names.h"

namespace elf {
namespace {

constexpr std::size_t kMostOfAPart = 100;

// Told part by part, in the order in which the parts are first spoken of.
class Differences {
 public:
  void tell(std::string_view part, std::string what) {
    Part& found = part_of(part);
    if (++found.count <= kMostOfAPart) found.told.push_back(std::move(what));
  }
  bool has(std::string_view part) { return part_of(part).count != 0; }

  std::vector<DeepDifference> take() {
    std::vector<DeepDifference> all;
    for (Part& part : parts_) {
      for (std::string& what : part.told) all.push_back({part.name, std::move(what)});
      if (part.count > kMostOfAPart) {
        all.push_back({part.name, "and " + std::to_string(part.count - kMostOfAPart) + " more"});
      }
    }
    return all;
  }

 private:
  struct Part {
    std::string name;
    std::vector<std::string> told;
    std::size_t count = 0;
  };

  Part& part_of(std::string_view name) {
    const auto found = std::ranges::find(parts_, name, &Part::name);
    return found != parts_.end() ? *found : parts_.emplace_back(Part{std::string(name), {}, 0});
  }

  std::vector<Part> parts_;
};

std::string called(const DeepTable& table, std::size_t index) {
  const bool has_name = index < table.names.size() && !table.names[index].empty();
  return std::string(table.noun) + " " +
         (has_name ? "`" + table.names[index] + "`" : std::to_string(index));
}

bool are_equal(const DeepTable& before, std::size_t i, const DeepTable& after, std::size_t j) {
  if (!before.names.empty() && before.names[i] != after.names[j]) return false;
  const auto count = before.fields.size();
  const auto old_row = std::span(before.numbers).subspan(i * count, count);
  return std::ranges::equal(old_row, std::span(after.numbers).subspan(j * count, count));
}

std::string difference_of(const DeepTable& before, const DeepTable& after, std::size_t index) {
  if (!before.names.empty() && before.names[index] != after.names[index]) {
    return std::string(before.noun) + " " + std::to_string(index) + " is `" + after.names[index] +
           "`, not `" + before.names[index] + "`";
  }
  std::string text;
  for (std::size_t i = 0; i < before.fields.size(); ++i) {
    const std::uint64_t old_value = before.numbers[index * before.fields.size() + i];
    const std::uint64_t new_value = after.numbers[index * before.fields.size() + i];
    if (old_value == new_value) continue;
    text += text.empty() ? ": " : ", ";
    text += before.fields[i];
    text += std::string_view(before.fields[i]) == "content"
                ? " differs"
                : " is " + hexadecimal(new_value) + ", not " + hexadecimal(old_value);
  }
  return called(before, index) + text;
}

void compare_tables(const DeepTable& before, const DeepTable& after, Differences& differences) {
  const std::size_t common = std::min(before.size(), after.size());
  if (before.size() == after.size()) {
    for (std::size_t i = 0; i < common; ++i) {
      if (!are_equal(before, i, after, i)) {
        differences.tell(before.part, difference_of(before, after, i));
      }
    }
    return;
  }
  std::size_t same = 0;
  while (same < common && are_equal(before, same, after, same)) ++same;
  const bool has_more = after.size() > before.size();
  differences.tell(before.part, std::string(before.noun) + ": there are " +
                                    std::to_string(after.size()) + " of them, not " +
                                    std::to_string(before.size()) + "; the first that " +
                                    (has_more ? "is new is " : "is gone or another is ") +
                                    called(has_more ? after : before, same));
}

// A PT_NOTE that gave its place away is missed where no section leads to its notes.
void compare_notes(const DeepReading& before, const DeepReading& after, Differences& differences) {
  const DeepTable& old_notes = before.notes;
  DeepTable kept = {old_notes.part, old_notes.noun, old_notes.fields, {}, {}};
  const bool may_miss = took_a_note(before, after) && before.sections.size() == 0;
  for (std::size_t i = 0; i < old_notes.size(); ++i) {
    const bool is_there =
        kept.size() < after.notes.size() && are_equal(old_notes, i, after.notes, kept.size());
    if (may_miss && !is_there) continue;
    kept.names.push_back(old_notes.names[i]);
    const auto begin =
        old_notes.numbers.begin() + static_cast<std::ptrdiff_t>(i * old_notes.fields.size());
    kept.numbers.insert(kept.numbers.end(), begin,
                        begin + static_cast<std::ptrdiff_t>(old_notes.fields.size()));
  }
  compare_tables(kept, after.notes, differences);
}

// ---------------------------------------------------------- the string table

bool is_editable(const DeepReading& before, std::uint64_t offset) {
  const auto& strings = before.edited_places.old_strings;
  const auto above = std::ranges::upper_bound(strings, offset, {}, &FileRange::offset);
  return above != strings.begin() && offset - (above - 1)->offset < (above - 1)->size;
}

void compare_strings(const DeepReading& before, const DeepReading& after,
                     Differences& differences) {
  if (after.edited_places.strings.size() < before.edited_places.strings.size()) {
    return differences.tell("sections", "the dynamic string table has become shorter");
  }
  for (std::size_t i = 0; i < before.edited_places.strings.size(); ++i) {
    if (before.edited_places.strings[i] == after.edited_places.strings[i] || is_editable(before, i))
      continue;
    return differences.tell("sections", "the dynamic string table: byte " + hexadecimal(i) +
                                            " differs, which belongs to no name that is edited");
  }
}

// Whether the section is what DT_STRTAB and DT_STRSZ lead to.
bool is_string_section_true(const DeepReading& reading) {
  return reading.string_section_address == reading.string_table_address &&
         reading.string_section_range.offset == reading.string_table_offset &&
         reading.string_section_range.size == reading.edited_places.strings.size();
}

void check_string_section(const DeepReading& before, const DeepReading& after,
                          Differences& differences) {
  if (!before.string_section) return;
  if (is_string_section_true(before) && !is_string_section_true(after)) {
    differences.tell("sections",
                     "the section of the dynamic string table is not the one that "
                     "DT_STRTAB and DT_STRSZ tell of");
  }
}

void check_version_files(const DeepReading& before, const DeepReading& after,
                         Differences& differences) {
  for (std::size_t i = 0; i < std::min(before.version_files.size(), after.version_files.size());
       ++i) {
    const std::string& file = after.version_files[i];
    if (file == before.version_files[i]) continue;
    if (std::ranges::find(after.needed, file) != after.needed.end()) continue;
    differences.tell("versions", "versions are wanted of `" + file + "`, which is not needed");
  }
}

void compare_segments(const DeepReading& before, const DeepReading& after,
                      Differences& differences) {
  for (std::string& line : broken_segments(before, after)) {
    differences.tell("segments", std::move(line));
  }
}

// What lies in no section, or in a file that has none.
void compare_contents(const DeepReading& before, const DeepReading& after,
                      Differences& differences) {
  if (differences.has("sections")) return;  // they say it better
  for (std::size_t i = 0; i < before.segments.size(); ++i) {
    if (before.segment_hashes[i] == after.segment_hashes[i]) continue;
    differences.tell("segments", "program header " + std::to_string(i) + ", " +
                                     segment_name(before.segments[i].type) +
                                     ": content differs where no edit writes");
  }
  if (!differences.has("segments") && before.file_hash != after.file_hash) {
    differences.tell("sections", "bytes between the sections differ, which nothing maps");
  }
}

}  // namespace

std::vector<DeepDifference> compare_deeply(Source& before_source, Source& after_source) {
  std::random_device random;
  const std::uint64_t key = static_cast<std::uint64_t>(random()) << 32 | random();
  const DeepReading before = read_deeply(before_source, key, nullptr);
  const DeepReading after = read_deeply(after_source, key, &before);
  Differences differences;
  const auto compare = [&](DeepTable DeepReading::*table) {
    compare_tables(before.*table, after.*table, differences);
  };
  compare(&DeepReading::header);
  compare_segments(before, after, differences);
  compare(&DeepReading::sections);
  check_string_section(before, after, differences);
  compare_strings(before, after, differences);
  compare_contents(before, after, differences);
  compare(&DeepReading::dynamic_symbols);
  compare(&DeepReading::static_symbols);
  compare(&DeepReading::version_definitions);
  compare(&DeepReading::version_needs);
  check_version_files(before, after, differences);
  compare(&DeepReading::relocations);
  compare_notes(before, after, differences);
  compare(&DeepReading::dynamic_entries);
  return differences.take();
}

}  // namespace elf
