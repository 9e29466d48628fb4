#pragma once

#include "elf/source.h"
#include "wheel/file_window.h"

namespace spokeshave {

/// An open file as the ELF core wants to read it. Holds nothing: the core reads in blocks. Its
/// reads throw std::system_error, and wheel::Error where the file has become shorter.
class FileSource final : public elf::Source {
 public:
  /// The descriptor stays the caller's. Throws std::system_error.
  explicit FileSource(int descriptor)
      : descriptor_(descriptor), size_(wheel::size_of_file(descriptor)) {}
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<std::byte> out) override {
    wheel::read_at(descriptor_, offset, out);
  }

 private:
  int descriptor_;
  std::uint64_t size_;
};

}  // namespace spokeshave
