#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace support {

// Places in a 64-bit little-endian ELF file, in bytes from the start of what they belong to (gABI,
// Elf64_Ehdr, Elf64_Phdr).
namespace at {
constexpr std::uint64_t kClass = 4, kData = 5, kType = 16, kMachine = 18, kPhoff = 32, kShoff = 40,
                        kEhsize = 52, kPhentsize = 54, kPhnum = 56, kShentsize = 58, kShnum = 60,
                        kShstrndx = 62;
constexpr std::uint64_t kSegmentType = 0, kSegmentFlags = 4, kSegmentOffset = 8, kSegmentVaddr = 16,
                        kSegmentFileSize = 32, kSegmentMemorySize = 40, kSegmentAlign = 48,
                        kSegmentSize = 56;
constexpr std::uint64_t kDynamicValue = 8, kDynamicSize = 16;
}  // namespace at

constexpr std::uint32_t kPtLoad = 1, kPtDynamic = 2, kPtNote = 4, kPtPhdr = 6,
                        kPtGnuStack = 0x6474e551;

/// Changes single fields of a 64-bit little-endian ELF file, so that a test can say which one is
/// wrong.
class ElfPoke {
 public:
  explicit ElfPoke(const std::filesystem::path& file);
  void save() const;

  std::uint64_t get(std::uint64_t offset, int width) const;
  ElfPoke& put(std::uint64_t offset, int width, std::uint64_t value);
  std::vector<char>& bytes() { return bytes_; }

  /// Where the nth program header of this type stands in the file. Throws std::runtime_error where
  /// there is none.
  std::uint64_t segment(std::uint32_t type, int nth = 0) const;
  /// Where the nth dynamic entry of this tag stands (0: the DT_NULL that ends the table).
  std::uint64_t dynamic(std::uint64_t tag, int nth = 0) const;
  /// The byte of an address, by PT_LOAD.
  std::uint64_t file_offset(std::uint64_t vaddr) const;

 private:
  std::filesystem::path file_;
  std::vector<char> bytes_;
};

std::vector<char> read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::vector<char>& bytes);

}  // namespace support
