#include "elf/patch_list.h"

#include <algorithm>
#include <array>

#include "elf/error.h"

namespace elf {

void PatchList::put(std::uint64_t offset, std::span<const std::byte> bytes) {
  patches_.push_back({offset, {bytes.begin(), bytes.end()}});
}

void PatchList::put(std::uint64_t record_offset, Format format, Field field, std::uint64_t value) {
  std::array<std::byte, 8> bytes;
  const auto number = std::span(bytes).first(field.width(format));
  encode(value, number, format.byte_order);
  put(record_offset + field.offset(format), number);
}

std::vector<Patch> PatchList::finish() {
  std::ranges::sort(patches_, {}, &Patch::offset);
  std::vector<Patch> joined;
  for (Patch& patch : patches_) {
    if (joined.empty()) {
      joined.push_back(std::move(patch));
      continue;
    }
    Patch& last = joined.back();
    const std::uint64_t end = last.offset + last.bytes.size();
    if (patch.offset < end)
      throw Error(patch.offset, "tables of the file overlap, and both would have to change");
    if (patch.offset == end) {
      last.bytes.insert(last.bytes.end(), patch.bytes.begin(), patch.bytes.end());
    } else {
      joined.push_back(std::move(patch));
    }
  }
  patches_.clear();
  return joined;
}

}  // namespace elf
