#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace elf {

/// What is wrong with an ELF file, and where: an offset in bytes from the start of the file.
class Error : public std::runtime_error {
 public:
  Error(std::uint64_t offset, const std::string& what)
      : std::runtime_error(what), offset_(offset) {}
  std::uint64_t offset() const { return offset_; }

 private:
  std::uint64_t offset_;
};

}  // namespace elf
