#pragma once

#include <array>
#include <cstddef>

#include "elf/image.h"
#include "elf/source.h"

namespace spokeshave {

/// Whether a file begins as an ELF file does. Reads its first four bytes, and throws what that
/// does.
inline bool begins_as_elf(elf::Source& source) {
  std::array<std::byte, 4> magic{};
  if (source.size() < magic.size()) {
    return false;
  }
  source.read(0, magic);
  return elf::has_elf_magic(magic);
}

}  // namespace spokeshave
