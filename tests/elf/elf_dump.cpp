#include "tests/support/elf_dump.h"

#include <cinttypes>
#include <cstdio>
#include <sstream>

#include "tests/support/run_program.h"

namespace support {
namespace {

constexpr std::uint64_t kDtNeeded = 1;
constexpr std::uint64_t kDtStrtab = 5;
constexpr std::uint64_t kDtSoname = 14;
constexpr std::uint64_t kDtRpath = 15;
constexpr std::uint64_t kDtRunpath = 29;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

void read_header(const std::vector<std::string>& lines, Dump& dump) {
  for (const std::string& line : lines) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string name = trimmed(line.substr(0, colon));
    const std::string value = trimmed(line.substr(colon + 1));
    const auto number = [&] { return std::strtoull(value.c_str(), nullptr, 0); };
    if (name == "Class") dump.elf_class = value;
    if (name == "Data") dump.data = value;
    if (name == "Type") dump.type = value;
    if (name == "Machine") dump.machine = value;
    if (name == "Start of section headers") dump.section_headers_offset = number();
    if (name == "Size of program headers") dump.program_header_size = number();
    if (name == "Size of section headers") dump.section_header_size = number();
    if (name == "Start of program headers") {
      dump.program_headers_offset = number();
    } else if (name == "Number of program headers") {
      dump.program_header_count = number();
    } else {
      dump.header.push_back(line);
    }
  }
}

void read_sections(const std::vector<std::string>& lines, Dump& dump) {
  for (const std::string& line : lines) {
    if (line.starts_with("  [") && line.find("[Nr]") == std::string::npos) {
      dump.sections.push_back(line);
    }
  }
  dump.section_header_count = dump.sections.size();
}

void read_segments(const std::vector<std::string>& lines, Dump& dump) {
  for (const std::string& line : lines) {
    char type[64];
    int end = 0;
    DumpedSegment segment;
    std::uint64_t paddr = 0;
    const int fields = std::sscanf(
        line.c_str(), " %63s %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %n", type,
        &segment.offset, &segment.vaddr, &paddr, &segment.file_size, &segment.memory_size, &end);
    if (fields != 6) continue;
    segment.type = type;
    const std::string rest = line.substr(static_cast<std::size_t>(end));
    segment.flags = trimmed(
        rest.substr(0, rest.find("0x") == std::string::npos ? rest.rfind(' ') : rest.find("0x")));
    segment.align = std::strtoull(rest.substr(rest.find_last_of(' ') + 1).c_str(), nullptr, 16);
    dump.segments.push_back(segment);
  }
}

void read_dynamic(const std::vector<std::string>& lines, Dump& dump) {
  for (const std::string& line : lines) {
    DumpedDynamic entry;
    if (std::sscanf(line.c_str(), " 0x%" SCNx64, &entry.tag) != 1 || entry.tag == 0) continue;
    entry.text = trimmed(line.substr(line.find(')') + 1));
    dump.dynamic.push_back(entry);
  }
}

/// The word behind `label`, which ends with the line or two spaces before `next`.
std::optional<std::string> labelled(const std::string& line, const std::string& label,
                                    const std::string& next) {
  const auto begin = line.find(label);
  if (begin == std::string::npos) return std::nullopt;
  const auto text = line.substr(begin + label.size());
  return next.empty() ? text : text.substr(0, text.find(next));
}

void read_version_needs(const std::vector<std::string>& lines, Dump& dump) {
  for (const std::string& line : lines) {
    if (auto file = labelled(line, "File: ", "  Cnt: ")) dump.version_need_files.push_back(*file);
    if (auto name = labelled(line, "Name: ", "  Flags: ")) dump.version_need_names.push_back(*name);
  }
}

void read_version_definitions(const std::vector<std::string>& lines, Dump& dump) {
  for (const std::string& line : lines) {
    const auto name = labelled(line, "  Name: ", "");
    if (name && line.find("Flags: BASE") == std::string::npos) {
      dump.version_definitions.push_back(*name);
    }
  }
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

void read_paragraph(const std::vector<std::string>& lines, Dump& dump) {
  const std::string& first = lines.front();
  if (first.starts_with("ELF Header:")) return read_header(lines, dump);
  if (first.starts_with("Section Headers:")) return read_sections(lines, dump);
  if (first.starts_with("Program Headers:")) return read_segments(lines, dump);
  if (first.starts_with("Dynamic section at offset")) return read_dynamic(lines, dump);
  if (first.starts_with(" Section to Segment mapping:")) return;
  if (first.starts_with("Version needs section")) read_version_needs(lines, dump);
  if (first.starts_with("Version definition section")) read_version_definitions(lines, dump);
  dump.other.push_back(joined(lines));
}

bool is_complaint(const std::string& line) {
  return line.find("Error") != std::string::npos || line.find("Warning") != std::string::npos ||
         line.find("<corrupt") != std::string::npos;
}

/// `Library soname: [liba.so]` -> `liba.so`
std::string bracketed(const std::string& text) {
  const auto open = text.find('[');
  const auto close = text.rfind(']');
  return open == std::string::npos || close == std::string::npos
             ? "<" + text + ">"
             : text.substr(open + 1, close - open - 1);
}

Dump parsed(const std::string& text) {
  Dump dump;
  std::vector<std::string> paragraph;
  for (const std::string& line : lines_of(text + "\n\n")) {
    if (is_complaint(line)) dump.complaints.push_back(line);
    if (!line.empty()) {
      paragraph.push_back(line);
    } else if (!paragraph.empty()) {
      read_paragraph(paragraph, dump);
      paragraph.clear();
    }
  }
  return dump;
}

}  // namespace

std::string to_string(const Names& names) {
  std::string text = "NEEDED";
  for (const std::string& name : names.needed) text += " " + name;
  text += "; SONAME " + names.soname.value_or("(none)");
  text += "; RPATH " + names.rpath.value_or("(none)");
  return text + "; RUNPATH " + names.runpath.value_or("(none)");
}

std::string to_string(const DumpedSegment& segment) {
  std::ostringstream text;
  text << segment.type << std::hex << " offset 0x" << segment.offset << " vaddr 0x" << segment.vaddr
       << " filesz 0x" << segment.file_size << " memsz 0x" << segment.memory_size << " "
       << segment.flags << " align 0x" << segment.align;
  return text.str();
}

std::vector<DumpedSegment> Dump::segments_of(const std::string& wanted) const {
  std::vector<DumpedSegment> result;
  for (const DumpedSegment& segment : segments) {
    if (segment.type == wanted) result.push_back(segment);
  }
  return result;
}

std::vector<DumpedSegment> Dump::loads() const {
  return segments_of("LOAD");
}

std::optional<std::string> Dump::dynamic_text(std::uint64_t tag) const {
  for (const DumpedDynamic& entry : dynamic) {
    if (entry.tag == tag) return entry.text;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Dump::file_offset(std::uint64_t vaddr) const {
  for (const DumpedSegment& load : loads()) {
    if (vaddr >= load.vaddr && vaddr - load.vaddr < load.file_size) {
      return vaddr - load.vaddr + load.offset;
    }
  }
  return std::nullopt;
}

std::optional<DumpedSection> Dump::section(const std::string& wanted,
                                           std::optional<std::uint64_t> address) const {
  for (const std::string& line : sections) {
    char name[256];
    char kind[64];
    DumpedSection found;
    const int fields = std::sscanf(
        line.c_str(), " [%" SCNu64 "] %255s %63s %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64,
        &found.index, name, kind, &found.address, &found.offset, &found.size, &found.entry_size);
    if (fields != 7 || kind != wanted || (address && *address != found.address)) continue;
    found.name = name;
    found.type = kind;
    return found;
  }
  return std::nullopt;
}

std::optional<DumpedSection> Dump::dynamic_strings() const {
  const auto table = dynamic_text(kDtStrtab);
  if (!table) return std::nullopt;
  return section("STRTAB", std::strtoull(table->c_str(), nullptr, 0));
}

Names Dump::names() const {
  Names result;
  for (const DumpedDynamic& entry : dynamic) {
    if (entry.tag == kDtNeeded) result.needed.push_back(bracketed(entry.text));
    if (entry.tag == kDtSoname) result.soname = bracketed(entry.text);
    if (entry.tag == kDtRpath) result.rpath = bracketed(entry.text);
    if (entry.tag == kDtRunpath) result.runpath = bracketed(entry.text);
  }
  return result;
}

Dump dump(const std::filesystem::path& file) {
  const ProgramResult result = run_program({"readelf", "-aW", file.string()}, {{"LC_ALL", "C"}});
  Dump dump = parsed(result.out);
  if (result.status != 0) {
    dump.complaints.push_back("readelf ended with status " + std::to_string(result.status));
  }
  for (const std::string& line : lines_of(result.err)) dump.complaints.push_back(line);
  return dump;
}

std::map<std::filesystem::path, Dump> dump_headers(
    const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> argv{"readelf", "-dlhVW"};
  for (const auto& file : files) argv.push_back(file.string());
  argv.push_back("/dev/null");  // readelf says which file it is at when there are several
  const ProgramResult result = run_program(argv, {{"LC_ALL", "C"}});
  std::map<std::filesystem::path, Dump> dumps;
  const std::string mark = "\nFile: ";
  for (auto begin = result.out.find(mark); begin != std::string::npos;) {
    const auto end = result.out.find(mark, begin + 1);
    const auto name_end = result.out.find('\n', begin + mark.size());
    const std::string name = result.out.substr(begin + mark.size(), name_end - begin - mark.size());
    dumps.emplace(name, parsed(result.out.substr(name_end, end - name_end)));
    begin = end;
  }
  return dumps;
}

}  // namespace support
