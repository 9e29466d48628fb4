#include "tests/support/elf_poke.h"

#include <fstream>
#include <stdexcept>

namespace support {

std::vector<char> read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  std::vector<char> bytes(std::filesystem::file_size(file));
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

void write_file(const std::filesystem::path& file, const std::vector<char>& bytes) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream) throw std::runtime_error("cannot write " + file.string());
}

ElfPoke::ElfPoke(const std::filesystem::path& file) : file_(file), bytes_(read_file(file)) {}

void ElfPoke::save() const {
  write_file(file_, bytes_);
}

std::uint64_t ElfPoke::get(std::uint64_t offset, int width) const {
  std::uint64_t value = 0;
  for (int i = width; i-- > 0;) {
    value =
        value << 8 | static_cast<unsigned char>(bytes_.at(offset + static_cast<std::uint64_t>(i)));
  }
  return value;
}

ElfPoke& ElfPoke::put(std::uint64_t offset, int width, std::uint64_t value) {
  for (int i = 0; i < width; ++i, value >>= 8) {
    bytes_.at(offset + static_cast<std::uint64_t>(i)) = static_cast<char>(value & 0xff);
  }
  return *this;
}

std::uint64_t ElfPoke::segment(std::uint32_t type, int nth) const {
  const std::uint64_t count = get(at::kPhnum, 2);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t header = get(at::kPhoff, 8) + i * at::kSegmentSize;
    if (get(header, 4) == type && nth-- == 0) return header;
  }
  throw std::runtime_error("no program header of type " + std::to_string(type));
}

std::uint64_t ElfPoke::dynamic(std::uint64_t tag, int nth) const {
  const std::uint64_t header = segment(kPtDynamic);
  const std::uint64_t begin = get(header + at::kSegmentOffset, 8);
  const std::uint64_t end = begin + get(header + at::kSegmentFileSize, 8);
  for (std::uint64_t entry = begin; entry < end; entry += at::kDynamicSize) {
    const std::uint64_t here = get(entry, 8);
    if (here == tag && nth-- == 0) return entry;
    if (here == 0) break;
  }
  throw std::runtime_error("no dynamic entry with tag " + std::to_string(tag));
}

std::uint64_t ElfPoke::file_offset(std::uint64_t vaddr) const {
  for (int nth = 0;; ++nth) {
    const std::uint64_t header = segment(kPtLoad, nth);
    const std::uint64_t begin = get(header + at::kSegmentVaddr, 8);
    if (vaddr >= begin && vaddr - begin < get(header + at::kSegmentFileSize, 8)) {
      return vaddr - begin + get(header + at::kSegmentOffset, 8);
    }
  }
}

}  // namespace support
