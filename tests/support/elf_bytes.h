#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "elf/format.h"

namespace support {

/// A tiny ELF image of any class and byte order, laid down here field by field (gABI ch. 4 and 5;
/// LSB, "Symbol Versioning"), so that elf/format.h is not its own judge. It has a PT_LOAD over the
/// whole file, a PT_DYNAMIC, and what the members ask for. build() also fills `at`: where things
/// stand, for tests that make one of them wild.
struct ElfBytes {
  elf::Format format = {};
  std::uint16_t machine = 62;
  std::uint16_t type = 3;
  std::optional<std::string> soname = {};
  std::optional<std::string> rpath = {};
  std::optional<std::string> runpath = {};
  std::vector<std::string> needed = {};
  std::vector<std::pair<std::string, std::vector<std::string>>> version_needs = {};
  std::vector<std::string> version_definitions = {};       ///< the first is the base
  std::vector<std::pair<std::string, bool>> symbols = {};  ///< name, defined?
  bool hash_table = true;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> more_entries =
      {};  ///< behind all others: tag, value
  unsigned spare_entries = 4;
  unsigned notes = 1;
  bool sections = true;
  bool strings_last = false;  ///< the string table ends the file (needs sections = false)
  std::uint64_t vaddr = 0x10000;
  std::uint64_t align = 0x1000;

  /// Places in the built file: "e_phoff", "phdr.LOAD", "phdr.DYNAMIC", "strings", "symbols",
  /// "dynamic", "verneed", "verdef", "hash", "sections".
  std::map<std::string, std::uint64_t> at = {};

  std::vector<std::byte> build();

  /// Offset of a string that build() put into the string table.
  std::uint64_t string_offset(const std::string& text) const { return offsets_.at(text); }

 private:
  bool is_64() const { return format.elf_class == elf::Class::k64; }
  void put(std::uint64_t value, unsigned width);
  void put_word(std::uint64_t value) { put(value, is_64() ? 8 : 4); }
  void align_to(std::size_t to) {
    while (bytes_.size() % to != 0) bytes_.push_back(std::byte{0});
  }
  void mark(const std::string& name) { at[name] = bytes_.size(); }
  std::uint64_t string(const std::string& text);
  void put_header();
  void put_segment(const std::string& name, std::uint32_t type, std::uint32_t flags,
                   std::uint64_t offset, std::uint64_t size);
  void put_symbols();
  void put_hash();
  void put_version_needs();
  void put_version_definitions();
  void put_strings();
  void put_dynamic();
  void put_sections();
  void put_section(std::uint32_t type, std::uint64_t flags, std::uint64_t offset,
                   std::uint64_t size, std::uint32_t link);

  std::vector<std::byte> bytes_;
  std::string strings_;
  std::map<std::string, std::uint64_t> offsets_;
};

/// Overwrites a number in an image.
void poke(std::vector<std::byte>& bytes, elf::Format format, std::uint64_t offset, unsigned width,
          std::uint64_t value);

inline void poke(std::vector<std::byte>& bytes, elf::Format format, std::uint64_t offset,
                 unsigned width, std::uint64_t value) {
  for (unsigned i = 0; i < width; ++i) {
    const bool little = format.byte_order == elf::ByteOrder::kLittle;
    bytes.at(offset + (little ? i : width - 1 - i)) = static_cast<std::byte>(value >> (8 * i));
  }
}

inline void ElfBytes::put(std::uint64_t value, unsigned width) {
  bytes_.resize(bytes_.size() + width);
  poke(bytes_, format, bytes_.size() - width, width, value);
}

inline std::uint64_t ElfBytes::string(const std::string& text) {
  const auto [place, fresh] = offsets_.try_emplace(text, strings_.size());
  if (fresh) strings_ += text + '\0';
  return place->second;
}

inline void ElfBytes::put_header() {
  for (const unsigned each : {0x7f, 0x45, 0x4c, 0x46}) put(each, 1);
  put(static_cast<unsigned>(format.elf_class), 1);
  put(static_cast<unsigned>(format.byte_order), 1);
  put(1, 1);
  bytes_.resize(16);
  put(type, 2);
  put(machine, 2);
  put(1, 4);
  put_word(0);  // e_entry
  mark("e_phoff");
  put_word(is_64() ? 64 : 52);
  mark("e_shoff");
  put_word(0);
  put(0, 4);  // e_flags
  put(is_64() ? 64 : 52, 2);
  mark("e_phentsize");
  put(is_64() ? 56 : 32, 2);
  mark("e_phnum");
  put(3 + notes, 2);
  mark("e_shentsize");
  put(is_64() ? 64 : 40, 2);
  mark("e_shnum");
  put(0, 2);
  mark("e_shstrndx");
  put(0, 2);
}

inline void ElfBytes::put_segment(const std::string& name, std::uint32_t segment_type,
                                  std::uint32_t flags, std::uint64_t offset, std::uint64_t size) {
  mark("phdr." + name);
  put(segment_type, 4);
  if (is_64()) put(flags, 4);
  put_word(offset);
  put_word(vaddr + offset);
  put_word(vaddr + offset);
  put_word(size);
  put_word(size);
  if (!is_64()) put(flags, 4);
  put_word(segment_type == 1 ? align : 8);
}

inline void ElfBytes::put_symbols() {
  align_to(8);
  mark("symbols");
  bytes_.resize(bytes_.size() + (is_64() ? 24 : 16));
  for (const auto& [name, defined] : symbols) {
    const std::uint64_t value = defined ? vaddr : 0;
    put(string(name), 4);
    if (!is_64()) put(value, 4), put(0, 4);
    put(0x12, 1);  // STB_GLOBAL, STT_FUNC
    put(0, 1);
    put(defined ? 1 : 0, 2);
    if (is_64()) put(value, 8), put(0, 8);
  }
  mark("symbols_end");
}

inline void ElfBytes::put_hash() {
  if (!hash_table) return;
  align_to(8);
  mark("hash");
  const unsigned word = is_64() && machine == 22 ? 8 : 4;  // S/390
  put(1, word);
  put(symbols.size() + 1, word);
  put(symbols.empty() ? 0 : 1, word);
  for (std::size_t i = 0; i <= symbols.size(); ++i) {
    put(i == 0 || i == symbols.size() ? 0 : i + 1, word);
  }
}

inline void ElfBytes::put_version_needs() {
  if (version_needs.empty()) return;
  align_to(8);
  mark("verneed");
  for (std::size_t i = 0; i < version_needs.size(); ++i) {
    const auto& [file, names] = version_needs[i];
    put(1, 2);
    put(names.size(), 2);
    put(string(file), 4);
    put(16, 4);
    put(i + 1 == version_needs.size() ? 0 : 16 + 16 * names.size(), 4);
    for (std::size_t j = 0; j < names.size(); ++j) {
      put(0, 4), put(0, 2), put(2, 2);
      put(string(names[j]), 4);
      put(j + 1 == names.size() ? 0 : 16, 4);
    }
  }
}

inline void ElfBytes::put_version_definitions() {
  if (version_definitions.empty()) return;
  align_to(8);
  mark("verdef");
  for (std::size_t i = 0; i < version_definitions.size(); ++i) {
    put(1, 2), put(i == 0 ? 1 : 0, 2), put(i + 1, 2), put(1, 2), put(0, 4);
    put(20, 4);
    put(i + 1 == version_definitions.size() ? 0 : 28, 4);
    put(string(version_definitions[i]), 4);
    put(0, 4);
  }
}

inline void ElfBytes::put_strings() {
  mark("strings");
  for (const char each : strings_) put(static_cast<unsigned char>(each), 1);
  mark("strings_end");
}

inline void ElfBytes::put_dynamic() {
  align_to(8);
  mark("dynamic");
  const auto entry = [&](std::uint64_t tag, std::uint64_t value) {
    put_word(tag), put_word(value);
  };
  for (const std::string& name : needed) entry(1, string(name));
  if (soname) entry(14, string(*soname));
  if (rpath) entry(15, string(*rpath));
  if (runpath) entry(29, string(*runpath));
  mark("dynamic.STRTAB");
  entry(5, vaddr + at["strings"]);
  mark("dynamic.STRSZ");
  entry(10, strings_.size());
  entry(6, vaddr + at["symbols"]);
  entry(11, is_64() ? 24 : 16);
  if (hash_table) entry(4, vaddr + at["hash"]);
  if (!version_needs.empty()) {
    mark("dynamic.VERNEED");
    entry(0x6ffffffe, vaddr + at["verneed"]);
    entry(0x6fffffff, version_needs.size());
  }
  if (!version_definitions.empty()) {
    entry(0x6ffffffc, vaddr + at["verdef"]);
    entry(0x6ffffffd, version_definitions.size());
  }
  for (const auto& [tag, value] : more_entries) entry(tag, value);
  mark("dynamic.NULL");
  for (unsigned i = 0; i <= spare_entries; ++i) entry(0, 0);
  mark("dynamic_end");
}

inline void ElfBytes::put_section(std::uint32_t section_type, std::uint64_t flags,
                                  std::uint64_t offset, std::uint64_t size, std::uint32_t link) {
  put(0, 4), put(section_type, 4);
  put_word(flags), put_word(flags == 0 ? 0 : vaddr + offset), put_word(offset), put_word(size);
  put(link, 4), put(0, 4);
  put_word(1), put_word(0);
}

inline void ElfBytes::put_sections() {
  if (!sections) return;
  align_to(8);
  mark("sections");
  put_section(0, 0, 0, 0, 0);
  put_section(3, 2, at["strings"], strings_.size(), 0);
  put_section(6, 3, at["dynamic"], at["dynamic_end"] - at["dynamic"], 1);
  poke(bytes_, format, at["e_shoff"], is_64() ? 8 : 4, at["sections"]);
  poke(bytes_, format, at["e_shnum"], 2, 3);
}

// Three times: the first gathers the strings, the second tells where things stand.
inline std::vector<std::byte> ElfBytes::build() {
  strings_.assign(1, '\0');
  offsets_.clear();
  at.clear();
  for (int round = 0; round < 3; ++round) {
    bytes_.clear();
    put_header();
    const std::uint64_t load_end = sections ? at["dynamic_end"] : at["end"];
    put_segment("LOAD", 1, 6, 0, load_end);
    put_segment("DYNAMIC", 2, 6, at["dynamic"], at["dynamic_end"] - at["dynamic"]);
    for (unsigned i = 0; i < notes; ++i) put_segment("NOTE", 4, 4, 0, 16);
    put_segment("STACK", 0x6474e551, 6, 0, 0);
    put_symbols();
    put_hash();
    put_version_needs();
    put_version_definitions();
    if (!strings_last) {
      put_strings();
      put_dynamic();
    } else {
      put_dynamic();
      put_strings();
    }
    mark("end");
    put_sections();
  }
  return bytes_;
}

}  // namespace support
