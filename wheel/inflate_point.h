#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace wheel {

/// A place inside a deflate stream from which a SymbolInflater can go on. Bits and bytes are
/// counted from the begin of the packed data and of the unpacked bytes.
struct InflatePoint {
  std::uint64_t header_bit = 0;    ///< the first bit of the block
  std::uint64_t block_begin = 0;   ///< where the block's first byte goes
  std::uint64_t bit = 0;           ///< the next symbol, or stored byte
  std::uint64_t position = 0;      ///< where the next byte goes
  bool over = false;               ///< the block's end is read
  std::vector<std::byte> history;  ///< the last bytes, 32 KiB or all
};

/// A point from which a member can be decoded again: what stands at `offset` is the next to be
/// given, and some of it may be in the history already.
struct MemberPoint {
  std::uint64_t offset = 0;  ///< in the unpacked bytes
  InflatePoint inflate;
};

/// Ascending. Cheap to copy: 32 KiB a point are shared.
using MemberPoints = std::vector<std::shared_ptr<const MemberPoint>>;

}  // namespace wheel
