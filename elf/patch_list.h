#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "elf/bytes.h"
#include "elf/rewrite.h"

namespace elf {

/// Collects patches in any order.
class PatchList {
 public:
  void put(std::uint64_t offset, std::span<const std::byte> bytes);
  void put(std::uint64_t record_offset, Format format, Field field, std::uint64_t value);

  /// Ascending, with neighbours joined. elf::Error where two overlap: then two tables of the file
  /// do.
  std::vector<Patch> finish();

 private:
  std::vector<Patch> patches_;
};

}  // namespace elf
