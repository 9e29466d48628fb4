#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "elf/error.h"
#include "elf/rewrite.h"
#include "tests/support/elf_bytes.h"

// Edits of tiny images, carried out in memory.
namespace support::elf_edits {

using Bytes = std::vector<std::byte>;

constexpr elf::Format kFormats[] = {{elf::Class::k32, elf::ByteOrder::kLittle},
                                    {elf::Class::k32, elf::ByteOrder::kBig},
                                    {elf::Class::k64, elf::ByteOrder::kLittle},
                                    {elf::Class::k64, elf::ByteOrder::kBig}};

constexpr std::uint32_t kLoad = 1, kDynamic = 2, kNote = 4, kProperty = 0x6474e553;  // p_type

inline elf::Image parse_bytes(const Bytes& bytes) {
  elf::MemorySource source(bytes);
  return elf::parse(source);
}

inline elf::Rewrite rewrite_bytes(const Bytes& bytes, const elf::Edits& edits) {
  elf::MemorySource source(bytes);
  return elf::rewrite(source, elf::parse(source), edits);
}

inline Bytes carried_out(const elf::Rewrite& rewrite, Bytes bytes) {
  rewrite.apply(0, bytes);
  bytes.insert(bytes.end(), rewrite.tail.begin(), rewrite.tail.end());
  return bytes;
}

inline Bytes edited(const Bytes& bytes, const elf::Edits& edits) {
  return carried_out(rewrite_bytes(bytes, edits), bytes);
}

/// Why the edits are refused; empty where they are not.
inline std::string refusal(const Bytes& bytes, const elf::Edits& edits) {
  try {
    rewrite_bytes(bytes, edits);
  } catch (const elf::Error& error) {
    return error.what();
  }
  return "";
}

inline elf::Edits path(std::string value) {
  elf::Edits edits;
  edits.search_path = std::move(value);
  return edits;
}

inline std::ptrdiff_t count_loads(const elf::Image& image) {
  return std::ranges::count(image.segments, kLoad, &elf::Segment::type);
}

/// The names of all dynamic symbols, as the loader reads them.
inline std::vector<std::string> symbol_names(const Bytes& bytes, const ElfBytes& file) {
  const elf::Image image = parse_bytes(bytes);
  const std::size_t size = file.format.is_64() ? 24 : 16;
  std::vector<std::string> names;
  for (std::uint64_t at = file.at.at("symbols"); at < file.at.at("symbols_end"); at += size) {
    std::uint64_t name = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const bool little = file.format.byte_order == elf::ByteOrder::kLittle;
      name |= std::to_integer<std::uint64_t>(bytes[at + (little ? i : 3 - i)]) << (8 * i);
    }
    names.emplace_back(reinterpret_cast<const char*>(&bytes[image.string_table_offset + name]));
  }
  return names;
}

/// A library with every kind of name.
inline ElfBytes library(elf::Format format = {}) {
  ElfBytes file;
  file.format = format;
  file.soname = "libme.so";
  file.needed = {"libb.so", "liba.so", "libc.so.6"};
  file.runpath = "$ORIGIN/../somewhere";
  file.version_needs = {{"liba.so", {"A_1", "A_2"}}, {"libc.so.6", {"GLIBC_2.17"}}};
  file.version_definitions = {"libme.so", "ME_1"};
  file.symbols = {{"puts", false}, {"me_run", true}};
  return file;
}

}  // namespace support::elf_edits
