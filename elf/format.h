#pragma once

#include <cstdint>

// Names and numbers of the ELF gABI and of the GNU extensions, in the specification's spelling. Ours, since the system's
// header defines them as macros of the same names; never include both.
namespace elf {

enum class Class : std::uint8_t { k32 = 1, k64 = 2 };
enum class ByteOrder : std::uint8_t { kLittle = 1, kBig = 2 };

/// How numbers of one file are laid down (e_ident[EI_CLASS], e_ident[EI_DATA]).
struct Format {
  Class elf_class = Class::k64;
  ByteOrder byte_order = ByteOrder::kLittle;
  friend bool operator==(const Format&, const Format&) = default;
};

}  // namespace elf
