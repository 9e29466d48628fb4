#include "wheel/spliced_writer.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace wheel {

void SplicedWriter::copy_bits(std::uint64_t begin, std::uint64_t end) {
  if (begin >= end) {
    return;
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>((end + 7) / 8 - begin / 8));
  read_(begin / 8, bytes);
  for (const std::byte byte : bytes) {
    const auto skipped = static_cast<unsigned>(begin % 8);
    const auto count = static_cast<unsigned>(std::min<std::uint64_t>(8 - skipped, end - begin));
    bits_.put(std::to_integer<std::uint32_t>(byte) >> skipped, count);
    begin += count;
  }
}

void SplicedWriter::copy_run(std::uint64_t begin, std::uint64_t end) {
  assert(begin >= end || bits_.pending() == begin % 8);
  const std::uint64_t first_whole = std::min((begin + 7) / 8 * 8, end);
  copy_bits(begin, first_whole);
  const std::uint64_t last_whole = std::max(first_whole, end / 8 * 8);
  if (last_whole > first_whole) {
    end_new_piece();
    pieces_.push_back({false, first_whole / 8, (last_whole - first_whole) / 8});
    packed_bytes_ += pieces_.back().size;
  }
  copy_bits(last_whole, end);
}

void SplicedWriter::end_new_piece() {
  const std::uint64_t size = bits_.bytes().size() - noted_;
  if (size > 0) {
    pieces_.push_back({true, noted_, size});
    packed_bytes_ += size;
    noted_ += size;
  }
}

Spliced SplicedWriter::finish() {
  end_new_piece();
  Spliced spliced;
  spliced.pieces = std::move(pieces_);
  spliced.new_bytes = std::move(bits_.bytes());
  spliced.packed_bytes = packed_bytes_;
  return spliced;
}

}  // namespace wheel
