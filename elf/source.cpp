#include "elf/source.h"

#include <algorithm>
#include <cassert>

namespace elf {

void MemorySource::read(std::uint64_t offset, std::span<std::byte> out) {
  assert(offset <= bytes_.size() && out.size() <= bytes_.size() - offset);
  std::ranges::copy(bytes_.subspan(static_cast<std::size_t>(offset), out.size()), out.begin());
}

}  // namespace elf
