#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

/// A shared library of a few hundred bytes that ld.so loads: one segment, a dynamic table with
/// exactly these entries, and one function, `void* symbol(void* (*f)(const char*, int), const char*
/// name, int mode)`, which returns f(name, mode): so a dlopen can come from inside of it. Written
/// here rather than linked, since a linker makes no library with both paths, none that needs a
/// library which needs it, and not a thousand of them in a second. x86-64, as the gABI lays it
/// down.
struct TinyLibrary {
  std::optional<std::string> soname = {};
  std::vector<std::string> needed = {};
  std::optional<std::string> rpath = {};
  std::optional<std::string> runpath = {};
  std::uint64_t flags_1 = 0;      ///< DT_FLAGS_1, where it is not 0
  std::string symbol = "marker";  ///< the function's name
  /// Of another class, byte order or machine it is only so much of a library as a loader for x86-64
  /// looks at before it knows: the header's first fields, or a relocation of the other machine.
  std::uint8_t elf_class = 2;   ///< EI_CLASS
  std::uint8_t byte_order = 1;  ///< EI_DATA
  std::uint16_t machine = 62;   ///< e_machine: EM_X86_64
};

namespace detail {

class LittleEndianBytes {
 public:
  LittleEndianBytes& u16(std::uint64_t value) { return put(value, 2); }
  LittleEndianBytes& u32(std::uint64_t value) { return put(value, 4); }
  LittleEndianBytes& u64(std::uint64_t value) { return put(value, 8); }
  const std::string& bytes() const { return bytes_; }

 private:
  LittleEndianBytes& put(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_ += static_cast<char>((value >> (8 * i)) & 0xff);
    return *this;
  }
  std::string bytes_;
};

/// Strings, each NUL-ended, and where they stand.
class StringTable {
 public:
  std::uint64_t add(const std::string& text) {
    const std::uint64_t offset = bytes_.size();
    bytes_ += text + '\0';
    return offset;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_ = std::string(1, '\0');
};

}  // namespace detail

/// sub $8,%rsp; mov %rdi,%rax; mov %rsi,%rdi; mov %edx,%esi; call *%rax; add $8,%rsp; ret. A call
/// and no jump, since dlopen knows its caller by the return address.
inline constexpr std::string_view kCallArgument(
    "\x48\x83\xec\x08\x48\x89\xf8\x48\x89\xf7\x89\xd6\xff\xd0\x48\x83\xc4\x08\xc3\0\0\0\0\0", 24);

inline std::uint16_t half_as_written(const TinyLibrary& library, std::uint16_t value) {
  const auto swapped = static_cast<std::uint16_t>(value << 8 | value >> 8);
  return library.byte_order == 2 ? swapped : value;
}

/// Header and program header of class 32. musl looks at no more than these, as if they were of 64
/// bit: it finds no PT_DYNAMIC.
inline std::string header_of_32_bit(const TinyLibrary& library, std::uint64_t file_size) {
  constexpr std::uint64_t kHeaderSize = 52;
  detail::LittleEndianBytes file;
  file.u32(0x464c457f).u32(library.elf_class | library.byte_order << 8 | 1 << 16).u64(0);
  file.u16(half_as_written(library, 3)).u16(half_as_written(library, library.machine)).u32(1);
  file.u32(0).u32(kHeaderSize).u32(0).u32(0);
  file.u16(kHeaderSize).u16(32).u16(1).u16(40).u16(0).u16(0);
  file.u32(1).u32(0).u32(0).u32(0).u32(file_size).u32(file_size).u32(5).u32(4096);
  return file.bytes();
}

/// Header, program headers, symbols, hash table, code, relocation, dynamic table, strings, in this
/// order; address = offset.
inline std::string bytes_of(const TinyLibrary& library) {
  constexpr std::uint64_t kHeaderSize = 64;
  constexpr std::uint64_t kProgramHeaders = kHeaderSize;
  constexpr std::uint64_t kSymbols = kProgramHeaders + 3 * 56;
  constexpr std::uint64_t kHash = kSymbols + 2 * 24;
  constexpr std::uint64_t kCode = kHash + 6 * 4;
  constexpr std::uint64_t kRelocation = kCode + kCallArgument.size();
  constexpr std::uint64_t kDynamic = kRelocation + 24;

  detail::StringTable strings;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> dynamic;
  const std::uint64_t symbol_name = strings.add(library.symbol);
  for (const std::string& name : library.needed) dynamic.emplace_back(1, strings.add(name));
  if (library.soname) dynamic.emplace_back(14, strings.add(*library.soname));
  if (library.rpath) dynamic.emplace_back(15, strings.add(*library.rpath));
  if (library.runpath) dynamic.emplace_back(29, strings.add(*library.runpath));
  if (library.flags_1 != 0) dynamic.emplace_back(0x6ffffffb, library.flags_1);
  if (library.machine != 62) {
    dynamic.insert(dynamic.end(), {{7, kRelocation}, {8, 24}, {9, 24}});  // DT_RELA
  }
  const std::uint64_t dynamic_size = (dynamic.size() + 6) * 16;
  const std::uint64_t string_table = kDynamic + dynamic_size;
  const std::uint64_t file_size = string_table + strings.bytes().size();
  dynamic.emplace_back(4, kHash);
  dynamic.emplace_back(5, string_table);
  dynamic.emplace_back(6, kSymbols);
  dynamic.emplace_back(10, strings.bytes().size());
  dynamic.emplace_back(11, 24);
  dynamic.emplace_back(0, 0);

  detail::LittleEndianBytes file;
  file.u32(0x464c457f).u32(library.elf_class | library.byte_order << 8 | 1 << 16).u64(0);
  file.u16(half_as_written(library, 3))
      .u16(half_as_written(library, library.machine))
      .u32(1)
      .u64(0)
      .u64(kProgramHeaders)
      .u64(0);
  file.u32(0).u16(kHeaderSize).u16(56).u16(3).u16(64).u16(0).u16(0);
  constexpr std::uint64_t kReadWrite = 6;
  constexpr std::uint64_t kReadWriteExecute = 7;
  file.u32(1).u32(kReadWriteExecute).u64(0).u64(0).u64(0).u64(file_size).u64(file_size).u64(4096);
  file.u32(2).u32(kReadWrite).u64(kDynamic).u64(kDynamic).u64(kDynamic);
  file.u64(dynamic_size).u64(dynamic_size).u64(8);
  file.u32(0x6474e551).u32(kReadWrite).u64(0).u64(0).u64(0).u64(0).u64(0).u64(16);
  file.u64(0).u64(0).u64(0);  // the undefined symbol
  // STB_GLOBAL, STT_FUNC, in a section of some number: ld.so asks only that it is defined.
  file.u32(symbol_name).u16(0x12).u16(1).u64(kCode).u64(kCallArgument.size());
  file.u32(1).u32(2).u32(1).u32(0).u32(0).u32(0);  // one bucket, two symbols
  detail::LittleEndianBytes table;
  for (const auto& [tag, value] : dynamic) table.u64(tag).u64(value);
  // R_AARCH64_RELATIVE, a number that means nothing to x86-64, at some writable place.
  detail::LittleEndianBytes relocation;
  relocation.u64(kDynamic).u64(1027).u64(0);
  std::string bytes = file.bytes() + std::string(kCallArgument) + relocation.bytes() +
                      table.bytes() + strings.bytes();
  const std::string narrow = header_of_32_bit(library, bytes.size());
  if (library.elf_class == 1) bytes.replace(0, narrow.size(), narrow);
  return bytes;
}

inline void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace support
