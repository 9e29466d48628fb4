#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "elf/edited_places.h"
#include "elf/segments.h"
#include "elf/source.h"

// What LIEF reads of a library, as plain values that hold none of its bytes, so that two states of
// one library need not be in memory together.
namespace elf {

/// Things of one kind, each with a name and the same fields. What may differ in two states of a
/// library is left out, or 0.
struct DeepTable {
  const char* part = "";                    ///< as DeepDifference::part
  const char* noun = "";                    ///< what one of them is called: `section`
  std::vector<const char*> fields = {};     ///< `content` is a ContentHash, not to be shown
  std::vector<std::string> names = {};      ///< one for each thing, or none at all
  std::vector<std::uint64_t> numbers = {};  ///< fields.size() for each thing

  std::size_t size() const { return numbers.size() / fields.size(); }
};

struct DeepReading {
  std::uint64_t size = 0;                    ///< of the file, bytes
  std::uint64_t program_headers_offset = 0;  ///< e_phoff
  std::vector<Segment> segments;
  /// Of what the PT_LOADs of the library before hold, but for its header, the tables and the
  /// strings: for each of these segments.
  std::vector<std::uint64_t> segment_hashes;
  /// The same of all that the library had before, mapped or not.
  std::uint64_t file_hash = 0;
  DeepTable header, sections, dynamic_symbols, static_symbols, version_definitions, version_needs,
      relocations, notes, dynamic_entries;

  std::uint64_t string_table_address = 0;  ///< DT_STRTAB
  std::uint64_t string_table_offset = 0;   ///< of what is there, in the file
  EditedPlaces edited_places;              ///< of both states as it was before, but for `strings`
  std::vector<std::string> needed;
  std::vector<std::string> version_files;  ///< vn_file of each version need

  std::optional<std::size_t> string_section;  ///< the index of .dynstr
  FileRange string_section_range;             ///< in the file
  std::uint64_t string_section_address = 0;
};

/// Reads a library; `before`: its state before, which says what of it may differ; null for that
/// state itself. `key`: for ContentHash. Throws elf::Error where LIEF or we cannot read it, and
/// whatever LIEF throws.
DeepReading read_deeply(Source& source, std::uint64_t key, const DeepReading* before);

}  // namespace elf
