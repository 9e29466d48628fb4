#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What `readelf -aW` says of a file, as values. The judge is binutils; we only cut its words apart.
namespace support {

/// The names by which libraries find each other.
struct Names {
  std::vector<std::string> needed;
  std::optional<std::string> soname;
  std::optional<std::string> rpath;
  std::optional<std::string> runpath;
  friend bool operator==(const Names&, const Names&) = default;
};
std::string to_string(const Names& names);
inline void PrintTo(const Names& names, std::ostream* out) {
  *out << to_string(names);
}

struct DumpedSegment {
  std::string type;  ///< "LOAD", "GNU_STACK", ...
  std::uint64_t offset = 0;
  std::uint64_t vaddr = 0;
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
  std::string flags;  ///< "R E"
  std::uint64_t align = 0;
  friend bool operator==(const DumpedSegment&, const DumpedSegment&) = default;
};
std::string to_string(const DumpedSegment& segment);

struct DumpedDynamic {
  std::uint64_t tag = 0;
  std::string text;  ///< "Library soname: [liba.so]", "0x330"
};

/// One line of the section headers.
struct DumpedSection {
  std::uint64_t index = 0;
  std::string name;
  std::string type;
  std::uint64_t address = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t entry_size = 0;
};

struct Dump {
  std::string elf_class;  ///< "ELF64"
  std::string data;       ///< "2's complement, little endian"
  std::string type;       ///< "DYN (Shared object file)"
  std::string machine;    ///< "AArch64"
  std::vector<std::string>
      header;  ///< the lines of the ELF header but for those that an edit may change
  std::uint64_t program_headers_offset = 0;
  std::uint64_t program_header_size = 0;
  std::uint64_t program_header_count = 0;
  std::uint64_t section_headers_offset = 0;
  std::uint64_t section_header_size = 0;
  std::uint64_t section_header_count = 0;
  std::vector<std::string> sections;  ///< a line each
  std::vector<DumpedSegment> segments;
  std::vector<DumpedDynamic> dynamic;            ///< without the DT_NULL
  std::vector<std::string> version_need_files;   ///< the vn_file of each verneed
  std::vector<std::string> version_need_names;   ///< the vna_name of all of them
  std::vector<std::string> version_definitions;  ///< without the base definition
  std::vector<std::string>
      other;  ///< all other paragraphs: symbols, relocations, versions, notes ...
  std::vector<std::string> complaints;  ///< lines with an error or a warning

  std::vector<DumpedSegment> loads() const;
  std::vector<DumpedSegment> segments_of(const std::string& type) const;
  /// The text of the first dynamic entry with this tag.
  std::optional<std::string> dynamic_text(std::uint64_t tag) const;
  /// Where the byte of this address stands in the file.
  std::optional<std::uint64_t> file_offset(std::uint64_t vaddr) const;
  std::optional<DumpedSection> section(const std::string& type,
                                       std::optional<std::uint64_t> address = {}) const;
  /// The section that DT_STRTAB points to.
  std::optional<DumpedSection> dynamic_strings() const;
  Names names() const;
};

Dump dump(const std::filesystem::path& file);
/// The same for many files at once, without what only `-a` shows.
std::map<std::filesystem::path, Dump> dump_headers(const std::vector<std::filesystem::path>& files);
inline Names names_of(const std::filesystem::path& file) {
  return dump(file).names();
}

}  // namespace support
