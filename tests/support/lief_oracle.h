#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/elf_dump.h"

namespace support {

/// What LIEF reads of an ELF file: a parser that shares nothing with ours.
struct LiefReading {
  Names names;
  std::uint16_t machine = 0;
  std::uint16_t type = 0;
  std::uint64_t entry_count = 0;  ///< dynamic entries, DT_NULL included
  std::optional<std::string> interpreter;
  std::vector<std::uint64_t> load_addresses;
  std::vector<std::string> version_need_files;
};

/// Nothing where the tests were built without LIEF, or where LIEF cannot read the file (an x32
/// one).
std::optional<LiefReading> read_with_lief(const std::filesystem::path& file);
bool built_with_lief();

}  // namespace support
