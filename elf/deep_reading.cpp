// read_deeply(), with LIEF: beside elf/symbol_reading.cpp the only file of the program that
// includes it.
#include "elf/deep_reading.h"

#include "elf/deep_comparison.h"
#include "elf/error.h"

#ifdef SPOKESHAVE_WITH_LIEF

#include <LIEF/ELF.hpp>
#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

#include "elf/bytes.h"
#include "elf/content_hash.h"
#include "elf/dynamic.h"
#include "elf/field_names.h"

namespace elf {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename Enum>
std::uint64_t number(Enum value) {
  return static_cast<std::uint64_t>(value);
}

bool is_x32(const Image& image) {
  return image.machine == EM_X86_64 && !image.format.is_64();
}

// COUNT_AUTO leaves symbols out where few of many have relocations (Parser.tcc).
LIEF::ELF::DYNSYM_COUNT_METHODS counting_of(const Image& image) {
  using Method = LIEF::ELF::DYNSYM_COUNT_METHODS;
  if (image.has_section_headers()) return Method::COUNT_SECTION;
  const bool tells = find_entry(image, DT_HASH) != nullptr;
  return tells ? Method::COUNT_HASH : Method::COUNT_AUTO;
}

Bytes all_bytes(Source& source) {
  Reader reader(source, {});
  Bytes bytes(static_cast<std::size_t>(reader.size()));
  reader.copy(0, std::as_writable_bytes(std::span(bytes)), "the file");
  return bytes;
}

class Reading {
 public:
  Reading(const Bytes& bytes, std::uint64_t key, const DeepReading* before)
      : bytes_(bytes),
        source_(std::as_bytes(std::span(bytes))),
        key_(key),
        before_(before),
        image_(parse(source_)) {}

  DeepReading read() {
    if (is_x32(image_)) throw Error(0, "LIEF cannot read x32 files");
    binary_ = LIEF::ELF::Parser::parse(bytes_, "", counting_of(image_));
    if (!binary_) throw Error(0, "LIEF takes it for no ELF file");
    require_all(binary_->segments().size(), image_.segments.size(), "program headers");
    require_all(binary_->sections().size(), image_.section_header_count, "section headers");
    if (!image_.dynamic.empty()) {
      require_all(binary_->dynamic_entries().size(), image_.dynamic.size() + 1, "dynamic entries");
      require_all(binary_->symbols_version_requirement().size(), image_.version_needs.size(),
                  "version needs");
    }
    reading_.size = bytes_.size();
    read_names();
    find_string_section();
    find_places();
    read_header();
    read_segments();
    hash_segments();
    read_section_rows();
    read_symbols();
    read_version_definitions();
    read_version_needs();
    read_relocations();
    read_notes();
    read_dynamic_entries();
    return std::move(reading_);
  }

 private:
  // LIEF passes over what it does not like, and has limits.
  static void require_all(std::uint64_t read, std::uint64_t there, const char* what) {
    if (read == there) return;
    throw Error(0,
                "LIEF reads " + std::to_string(read) + " " + what + " of " + std::to_string(there));
  }

  std::uint64_t hash_of(std::span<const std::uint8_t> bytes) const {
    ContentHash hash(key_);
    hash.add(bytes);
    return hash.value();
  }

  // ------------------------------------------------------- what edits may change

  void read_names() {
    for (const auto& entry : binary_->dynamic_entries()) {
      if (number(entry.tag()) == DT_STRTAB) reading_.string_table_address = entry.value();
    }
    reading_.string_table_offset = image_.string_table_offset;
    reading_.needed = binary_->imported_libraries();
    for (const auto& need : binary_->symbols_version_requirement()) {
      reading_.version_files.push_back(need.name());
    }
  }

  void find_places() {
    EditedPlaces& places = reading_.edited_places;
    places = find_edited_places(source_, image_);
    if (before_ != nullptr) {
      places.ranges = before_->edited_places.ranges;
      places.old_strings = before_->edited_places.old_strings;
      return;
    }
    add_section_symbols();
    join_ranges(places.ranges);
  }

  // The symbols that are .dynstr itself have its address for a value.
  void add_section_symbols() {
    const auto* table = binary_->get(LIEF::ELF::ELF_SECTION_TYPES::SHT_SYMTAB);
    std::uint64_t index = 0;
    for (const auto& symbol : binary_->static_symbols()) {
      const std::uint64_t offset = index++ * sym::kSize.bytes(image_.format);
      if (table == nullptr || !is_string_section(symbol)) continue;
      reading_.edited_places.ranges.push_back(
          {table->file_offset() + offset + sym::st_value.offset(image_.format),
           sym::st_value.width(image_.format)});
    }
  }

  bool is_string_section(const LIEF::ELF::Symbol& symbol) const {
    return number(symbol.type()) == STT_SECTION && reading_.string_section &&
           symbol.shndx() == *reading_.string_section;
  }

  // ----------------------------------------------------------------- the parts

  void read_header() {
    const auto& header = binary_->header();
    reading_.header = {
        "header",
        "the ELF header",
        {"e_type", "e_machine", "e_version", "e_entry", "e_shoff", "e_flags", "e_ehsize",
         "e_phentsize", "e_shentsize", "e_shnum", "e_shstrndx", "e_ident (first half)",
         "e_ident (second half)"},
        {},
        {number(header.file_type()), number(header.machine_type()),
         number(header.object_file_version()), header.entrypoint(), header.section_headers_offset(),
         header.processor_flag(), header.header_size(), header.program_header_size(),
         header.section_header_size(), header.numberof_sections(),
         header.section_name_table_idx()}};
    const auto& ident = header.identity();
    for (const std::size_t half : {0u, 8u}) {
      reading_.header.numbers.push_back(
          std::accumulate(ident.begin() + half, ident.begin() + half + 8, std::uint64_t{0},
                          [](std::uint64_t sum, std::uint8_t byte) { return sum << 8 | byte; }));
    }
    reading_.program_headers_offset = header.program_headers_offset();
  }

  void read_segments() {
    for (const auto& segment : binary_->segments()) {
      reading_.segments.push_back({.type = static_cast<std::uint32_t>(segment.type()),
                                   .flags = static_cast<std::uint32_t>(segment.flags()),
                                   .offset = segment.file_offset(),
                                   .vaddr = segment.virtual_address(),
                                   .paddr = segment.physical_address(),
                                   .file_size = segment.physical_size(),
                                   .memory_size = segment.virtual_size(),
                                   .align = segment.alignment()});
    }
  }

  void hash_segments() {
    const auto& segments = before_ != nullptr ? before_->segments : reading_.segments;
    for (const Segment& segment : segments) {
      const FileRange range{segment.offset, segment.type == PT_LOAD ? segment.file_size : 0};
      reading_.segment_hashes.push_back(
          hash_between(bytes_, range, reading_.edited_places.ranges, key_));
    }
    const FileRange all{0, before_ != nullptr ? before_->size : reading_.size};
    reading_.file_hash = hash_between(bytes_, all, reading_.edited_places.ranges, key_);
  }

  void find_string_section() {
    if (before_ != nullptr) reading_.string_section = before_->string_section;
    std::size_t index = 0;
    for (const auto& section : binary_->sections()) {
      const bool is_it = number(section.type()) == SHT_STRTAB && !image_.dynamic.empty() &&
                         section.virtual_address() == reading_.string_table_address;
      if (before_ == nullptr && !reading_.string_section && is_it) reading_.string_section = index;
      if (reading_.string_section == index) {
        reading_.string_section_range = {section.file_offset(), section.size()};
        reading_.string_section_address = section.virtual_address();
      }
      ++index;
    }
  }

  void read_section_rows() {
    DeepTable& table = reading_.sections;
    table = {"sections",
             "section",
             {"sh_type", "sh_flags", "sh_addr", "sh_offset", "sh_size", "sh_link", "sh_info",
              "sh_addralign", "sh_entsize", "content"}};
    std::size_t index = 0;
    for (const auto& section : binary_->sections()) {
      const bool moves = reading_.string_section == index;
      table.names.push_back(section.name());
      table.numbers.insert(
          table.numbers.end(),
          {number(section.type()), section.flags(), moves ? 0 : section.virtual_address(),
           moves ? 0 : section.file_offset(), moves ? 0 : section.size(), section.link(),
           section.information(), section.alignment(), section.entry_size(),
           moves ? 0 : content_of(section)});
      ++index;
    }
  }

  std::uint64_t content_of(const LIEF::ELF::Section& section) const {
    const std::uint64_t type = number(section.type());
    if (type == SHT_NOBITS || type == SHT_NULL) return 0;
    return hash_between(bytes_, {section.file_offset(), section.size()},
                        reading_.edited_places.ranges, key_);
  }

  void read_symbols() {
    const std::vector<const char*> fields = {"st_value", "st_size",  "st_info",
                                             "st_other", "st_shndx", "version"};
    reading_.dynamic_symbols = {"symbols", "dynamic symbol", fields};
    for (const auto& symbol : binary_->dynamic_symbols()) {
      const auto* version = symbol.symbol_version();
      add_symbol(symbol, version == nullptr ? 0 : version->value(), reading_.dynamic_symbols);
    }
    reading_.static_symbols = {"symbols", "symbol", fields};
    for (const auto& symbol : binary_->static_symbols()) {
      add_symbol(symbol, 0, reading_.static_symbols);
    }
  }

  void add_symbol(const LIEF::ELF::Symbol& symbol, std::uint64_t version, DeepTable& table) const {
    const bool moves = is_string_section(symbol);
    table.names.push_back(symbol.name());
    table.numbers.insert(table.numbers.end(),
                         {moves ? 0 : symbol.value(), symbol.size(), symbol.information(),
                          symbol.other(), symbol.shndx(), version});
  }

  void read_version_definitions() {
    DeepTable& table = reading_.version_definitions;
    table = {"versions", "version definition", {"vd_version", "vd_flags", "vd_ndx", "vd_hash"}};
    for (const auto& definition : binary_->symbols_version_definition()) {
      std::string name;  // its own, then those of its parents
      for (const auto& aux : definition.symbols_aux()) {
        name += (name.empty() ? "" : " of ") + aux.name();
      }
      table.names.push_back(std::move(name));
      table.numbers.insert(table.numbers.end(), {definition.version(), definition.flags(),
                                                 definition.ndx(), definition.hash()});
    }
  }

  // Without vn_file, which follows its NEEDED.
  void read_version_needs() {
    DeepTable& table = reading_.version_needs;
    table = {"versions",
             "version need",
             {"which of verneed", "vn_version", "vn_cnt", "vna_hash", "vna_flags", "vna_other"}};
    std::uint64_t which = 0;
    for (const auto& need : binary_->symbols_version_requirement()) {
      for (const auto& aux : need.auxiliary_symbols()) {
        table.names.push_back(aux.name());
        table.numbers.insert(table.numbers.end(), {which, need.version(), need.cnt(), aux.hash(),
                                                   aux.flags(), aux.other()});
      }
      ++which;
    }
  }

  void read_relocations() {
    DeepTable& table = reading_.relocations;
    table = {"relocations",
             "relocation",
             {"r_offset", "type", "addend", "symbol", "has an addend", "of the PLT"}};
    for (const auto& relocation : binary_->relocations()) {
      const bool is_plt =
          relocation.purpose() == LIEF::ELF::RELOCATION_PURPOSES::RELOC_PURPOSE_PLTGOT;
      table.numbers.insert(table.numbers.end(), {relocation.address(), relocation.type(),
                                                 static_cast<std::uint64_t>(relocation.addend()),
                                                 relocation.info(), relocation.is_rela(), is_plt});
    }
  }

  // Sorted: those of a PT_NOTE come first, and one of them may have given its place away.
  void read_notes() {
    std::vector<std::pair<std::string, std::vector<std::uint64_t>>> notes;
    for (const auto& note : binary_->notes()) {
      const auto& description = note.description();
      notes.push_back(
          {note.name(), {number(note.type()), description.size(), hash_of(description)}});
    }
    std::ranges::sort(notes);
    reading_.notes = {"notes", "note", {"n_type", "n_descsz", "content"}};
    for (auto& [name, numbers] : notes) {
      reading_.notes.names.push_back(std::move(name));
      reading_.notes.numbers.insert(reading_.notes.numbers.end(), numbers.begin(), numbers.end());
    }
  }

  void read_dynamic_entries() {
    DeepTable& table = reading_.dynamic_entries;
    table = {"dynamic entries", "dynamic entry", {"d_tag", "d_val"}};
    std::uint64_t slot = 0;
    for (const auto& entry : binary_->dynamic_entries()) {
      const std::uint64_t here = slot++ * dyn::kSize.bytes(image_.format);
      const std::uint64_t tag = number(entry.tag());
      if (is_edited(tag)) continue;
      // The one entry that counts from where it stands itself (MIPS).
      const bool counts = tag == DT_MIPS_RLD_MAP_REL && image_.machine == EM_MIPS;
      const std::uint64_t value = entry.value() + (counts ? here : 0);
      table.names.push_back(tag_name(tag) + string_behind(tag, entry.value()));
      table.numbers.insert(table.numbers.end(),
                           {tag, tag == DT_NULL ? 0 : value});  // ld leaves values there
    }
  }

  static bool is_edited(std::uint64_t tag) {
    return tag == DT_NEEDED || tag == DT_SONAME || tag == DT_RPATH || tag == DT_RUNPATH ||
           tag == DT_STRTAB || tag == DT_STRSZ;
  }

  // Of the strings that no edit changes: DT_FILTER, DT_AUDIT, ...
  std::string string_behind(std::uint64_t tag, std::uint64_t offset) const {
    if (value_kind(tag) != ValueKind::kString || offset >= reading_.edited_places.strings.size())
      return "";
    return std::string(" ") + (reading_.edited_places.strings.c_str() + offset);
  }

  const Bytes& bytes_;
  MemorySource source_;
  std::uint64_t key_;
  const DeepReading* before_;
  Image image_;
  std::unique_ptr<LIEF::ELF::Binary> binary_;
  DeepReading reading_;
};

}  // namespace

bool can_compare_deeply() {
  return true;
}

DeepReading read_deeply(Source& source, std::uint64_t key, const DeepReading* before) {
  const Bytes bytes = all_bytes(source);
  return Reading(bytes, key, before).read();
}

}  // namespace elf

#else

namespace elf {

bool can_compare_deeply() {
  return false;
}

DeepReading read_deeply(Source&, std::uint64_t, const DeepReading*) {
  throw Error(0, "this build has no LIEF");
}

}  // namespace elf

#endif
