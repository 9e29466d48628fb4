#include "tests/support/elf_judges.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <sstream>

#include "tests/support/lief_oracle.h"
#include "tests/support/run_program.h"

namespace support {
namespace {

constexpr std::uint64_t kDtNeeded = 1;
constexpr std::uint64_t kDtStrtab = 5;
constexpr std::uint64_t kDtStrsz = 10;
constexpr std::uint64_t kDtSoname = 14;
constexpr std::uint64_t kDtRpath = 15;
constexpr std::uint64_t kDtRunpath = 29;

/// The lines that stand oftener in `after` than in `before`.
Findings added(const std::vector<std::string>& before, const std::vector<std::string>& after,
               const std::string& judge) {
  std::map<std::string, int> balance;
  for (const std::string& line : before) ++balance[line];
  Findings result;
  for (const std::string& line : after) {
    if (--balance[line] < 0) result.push_back(judge + ": " + line);
  }
  return result;
}

void append(Findings& all, const Findings& more) {
  all.insert(all.end(), more.begin(), more.end());
}

/// `symbol 47: out of bounds` -> `symbol #: out of bounds`
std::string without_numbers(const std::string& line) {
  std::string result;
  for (const char letter : line) {
    const bool digit = std::isdigit(static_cast<unsigned char>(letter)) != 0;
    if (!digit) result += letter;
    if (digit && (result.empty() || result.back() != '#')) result += '#';
  }
  return result;
}

/// eu-elflint 0.188 asks whether a relocation's place *plus the size of its symbol* reaches a
/// read-only segment, so a big function's GOT entry "modifies" whatever lies behind the GOT. What
/// it means to find cannot come of an edit: the relocations are compared, and an added segment must
/// lie behind all others.
bool is_false_alarm(const std::string& line) {
  return line.ends_with("read-only section modified but text relocation flag not set");
}

std::vector<std::string> elflint(const std::filesystem::path& file) {
  const ProgramResult result =
      run_program({"eu-elflint", "--gnu-ld", file.string()}, {{"LC_ALL", "C"}});
  std::vector<std::string> lines;
  if (result.status > 1) lines.push_back("ended with status " + std::to_string(result.status));
  std::istringstream stream(result.out + result.err);
  for (std::string line; std::getline(stream, line);) {
    if (line != "No errors" && !is_false_alarm(line)) lines.push_back(without_numbers(line));
  }
  return lines;
}

std::vector<std::string> other_dynamic_entries(const Dump& dump) {
  std::vector<std::string> result;
  for (const DumpedDynamic& entry : dump.dynamic) {
    const bool edited = entry.tag == kDtNeeded || entry.tag == kDtSoname || entry.tag == kDtRpath ||
                        entry.tag == kDtRunpath || entry.tag == kDtStrtab || entry.tag == kDtStrsz;
    if (!edited) result.push_back(std::to_string(entry.tag) + " " + entry.text);
  }
  return result;
}

/// Some linkers give the string table's section a symbol, which has to follow it: its value is left
/// out.
std::string without_section_symbol(const std::string& paragraph, std::uint64_t section) {
  std::string result;
  std::istringstream lines(paragraph);
  for (std::string line; std::getline(lines, line);) {
    std::uint64_t index = 0;
    const int fields = std::sscanf(line.c_str(), "%*d: %*x %*d SECTION %*s %*s %" SCNu64, &index);
    if (fields == 1 && index == section)
      line.erase(line.find(": "), line.find("SECTION") - line.find(": "));
    result += line + '\n';
  }
  return result;
}

/// All paragraphs; verneed's file names are left out, since they change with NEEDED.
std::vector<std::string> paragraphs(const Dump& dump) {
  const auto strings = dump.dynamic_strings();
  std::vector<std::string> result;
  for (std::string text : dump.other) {
    if (text.starts_with("Version needs section")) {
      for (const std::string& file : dump.version_need_files) {
        text.replace(text.find("File: " + file + "  Cnt"), 6 + file.size(), "File:");
      }
    }
    if (strings && text.starts_with("Symbol table '.symtab'"))
      text = without_section_symbol(text, strings->index);
    result.push_back(text);
  }
  return result;
}

Findings sections_changed(const Dump& before, const Dump& after) {
  if (before.sections.size() != after.sections.size()) return {"sections: another number of them"};
  Findings result;
  for (std::size_t i = 0; i < before.sections.size(); ++i) {
    const bool is_strings = before.sections[i].find(" STRTAB ") != std::string::npos;
    if (before.sections[i] != after.sections[i] && !is_strings) {
      result.push_back("sections: " + before.sections[i] + " became " + after.sections[i]);
    }
  }
  return result;
}

Findings version_needs_unmet(const Dump& before, const Dump& after) {
  const std::vector<std::string> needed = after.names().needed;
  const std::vector<std::string> needed_before = before.names().needed;
  Findings result;
  for (const std::string& file : after.version_need_files) {
    if (std::ranges::count(needed, file) == 0 && std::ranges::count(needed_before, file) != 0) {
      result.push_back("verneed: " + file + " is no longer among NEEDED, ld.so would stop");
    }
  }
  if (before.version_need_files.size() != after.version_need_files.size()) {
    result.push_back("verneed: another number of files");
  }
  return result;
}

std::vector<DumpedSegment> those_that_stay(const Dump& dump) {
  std::vector<DumpedSegment> result;
  for (const DumpedSegment& segment : dump.segments) {
    if (segment.type != "LOAD" && segment.type != "PHDR") result.push_back(segment);
  }
  return result;
}

bool may_have_grown_into(const DumpedSegment& before, const DumpedSegment& after) {
  DumpedSegment grown = before;
  grown.file_size = after.file_size;
  grown.memory_size = after.memory_size;
  return grown == after && before.file_size == before.memory_size &&
         after.file_size == after.memory_size && after.file_size >= before.file_size;
}

/// What ld.so of any glibc wants of the table as it stands (dl-load.c; before 2.35 also congruence
/// to p_align).
Findings loads_that_cannot_be_mapped(const Dump& dump, std::uint64_t file_size) {
  Findings result;
  const DumpedSegment* previous = nullptr;
  const std::vector<DumpedSegment> loads = dump.loads();
  for (const DumpedSegment& load : loads) {
    const std::string text = to_string(load);
    if (load.offset > file_size || load.file_size > file_size - load.offset) {
      result.push_back("past the end of the file: " + text);
    }
    if (load.file_size > load.memory_size) result.push_back("filesz > memsz: " + text);
    if (load.align > 1 && (load.vaddr - load.offset) % load.align != 0) {
      result.push_back("not congruent to its p_align: " + text);
    }
    if (previous != nullptr && load.vaddr < previous->vaddr + previous->memory_size) {
      result.push_back("out of order, or over the one before: " + text);
    }
    previous = &load;
  }
  return result;
}

Findings program_header_segment_stale(const Dump& dump) {
  Findings result;
  for (const DumpedSegment& segment : dump.segments_of("PHDR")) {
    const std::uint64_t size = dump.program_header_count * dump.program_header_size;
    if (segment.offset != dump.program_headers_offset || segment.file_size != size ||
        segment.memory_size != size || dump.file_offset(segment.vaddr) != segment.offset ||
        dump.file_offset(segment.vaddr + size - 1) != segment.offset + size - 1) {
      result.push_back("segments: PT_PHDR is stale: " + to_string(segment));
    }
  }
  return result;
}

Findings added_load_is_wrong(const Dump& before, const DumpedSegment& load) {
  Findings result;
  std::uint64_t align = 4096;
  for (const DumpedSegment& old : before.loads()) {
    if (std::has_single_bit(old.align)) align = std::max(align, old.align);
  }
  if (load.flags != "R") result.push_back("segments: the added one is not read-only");
  if (load.align % 4096 != 0 || (load.vaddr - load.offset) % align != 0) {
    result.push_back("segments: the added one is not aligned as the others: " + to_string(load));
  }
  const DumpedSegment last = before.loads().back();
  if (load.vaddr / align <= (last.vaddr + last.memory_size - 1) / align) {
    result.push_back("segments: the added one shares a page with the last: " + to_string(load));
  }
  return result;
}

}  // namespace

Names expected_names(const Names& before, const elf::Edits& edits) {
  Names names = before;
  for (std::string& name : names.needed) {
    const auto renamed =
        std::ranges::find(edits.replace_needed, name, &std::pair<std::string, std::string>::first);
    if (renamed != edits.replace_needed.end()) name = renamed->second;
  }
  std::erase_if(names.needed, [&](const std::string& name) {
    return std::ranges::count(edits.remove_needed, name) != 0;
  });
  for (const std::string& name : edits.add_needed) {
    if (std::ranges::count(names.needed, name) == 0) names.needed.push_back(name);
  }
  if (edits.soname) names.soname = edits.soname;

  const auto present = before.runpath ? before.runpath : before.rpath;
  const auto wanted = edits.search_path ? edits.search_path : present;
  const bool asked = edits.search_path || edits.path_kind != elf::PathKind::kKeep;
  if (edits.remove_search_path || (asked && wanted)) {
    names.rpath.reset();
    names.runpath.reset();
  }
  if (asked && wanted && !edits.remove_search_path) {
    const bool keep_rpath =
        edits.path_kind == elf::PathKind::kKeep && before.rpath && !before.runpath;
    (edits.path_kind == elf::PathKind::kRpath || keep_rpath ? names.rpath : names.runpath) = wanted;
  }
  return names;
}

Findings readelf_complaints(const Dump& before, const Dump& after) {
  return added(before.complaints, after.complaints, "readelf");
}

Findings elflint_complaints(const std::filesystem::path& before,
                            const std::filesystem::path& after) {
  return added(elflint(before), elflint(after), "eu-elflint");
}

Findings contents_changed(const Dump& before, const Dump& after) {
  Findings result;
  append(result, added(before.header, after.header, "ELF header"));
  append(result, added(paragraphs(before), paragraphs(after), "contents"));
  append(result, added(paragraphs(after), paragraphs(before), "contents, gone"));
  append(result,
         added(other_dynamic_entries(before), other_dynamic_entries(after), "dynamic table"));
  append(result,
         added(other_dynamic_entries(after), other_dynamic_entries(before), "dynamic table, gone"));
  append(result, sections_changed(before, after));
  append(result, version_needs_unmet(before, after));
  return result;
}

Findings segments_broken(const Dump& before, const Dump& after, std::uint64_t file_size_after) {
  Findings result = added(loads_that_cannot_be_mapped(before, file_size_after),
                          loads_that_cannot_be_mapped(after, file_size_after), "segments");
  append(result, program_header_segment_stale(after));

  const std::vector<DumpedSegment> old_loads = before.loads();
  const std::vector<DumpedSegment> new_loads = after.loads();
  if (new_loads.size() < old_loads.size() || new_loads.size() > old_loads.size() + 1) {
    result.push_back("segments: " + std::to_string(old_loads.size()) + " loads became " +
                     std::to_string(new_loads.size()));
    return result;
  }
  const bool one_added = new_loads.size() == old_loads.size() + 1;
  for (std::size_t i = 0; i < old_loads.size(); ++i) {
    const bool last = i + 1 == old_loads.size();
    if (new_loads[i] == old_loads[i]) continue;
    if (last && !one_added && may_have_grown_into(old_loads[i], new_loads[i])) continue;
    result.push_back("segments: " + to_string(old_loads[i]) + " became " + to_string(new_loads[i]));
  }
  if (one_added) append(result, added_load_is_wrong(before, new_loads.back()));

  std::vector<DumpedSegment> gone;
  std::vector<DumpedSegment> left = those_that_stay(after);
  for (const DumpedSegment& segment : those_that_stay(before)) {
    const auto found = std::ranges::find(left, segment);
    if (found == left.end()) gone.push_back(segment);
    if (found != left.end()) left.erase(found);
  }
  for (const DumpedSegment& segment : left)
    result.push_back("segments: new: " + to_string(segment));
  const bool note_gave_its_slot = one_added && gone.size() == 1 &&
                                  (gone[0].type == "NOTE" || gone[0].type == "NULL") &&
                                  before.segments.size() == after.segments.size();
  if (!note_gave_its_slot) {
    for (const DumpedSegment& segment : gone)
      result.push_back("segments: gone: " + to_string(segment));
  }
  return result;
}

Findings lief_disagrees(const std::filesystem::path& after, const Names& wanted) {
  const auto reading = read_with_lief(after);
  if (!reading || reading->names == wanted) return {};
  return {"LIEF reads: " + to_string(reading->names) + " instead of " + to_string(wanted)};
}

Findings damage(const std::filesystem::path& before, const std::filesystem::path& after,
                const Names& wanted) {
  const Dump old_dump = dump(before);
  const Dump new_dump = dump(after);
  Findings result;
  if (new_dump.names() != wanted) {
    result.push_back("readelf reads: " + to_string(new_dump.names()) + " instead of " +
                     to_string(wanted));
  }
  append(result, readelf_complaints(old_dump, new_dump));
  append(result, elflint_complaints(before, after));
  append(result, contents_changed(old_dump, new_dump));
  append(result, segments_broken(old_dump, new_dump, std::filesystem::file_size(after)));
  append(result, bytes_changed(before, after, old_dump));
  append(result, lief_disagrees(after, wanted));
  return result;
}

}  // namespace support
