#pragma once

#include <cstdint>
#include <vector>

#include "wheel/read_packed.h"

namespace wheel {

/// A stretch of a spliced member's packed bytes.
struct SplicedPiece {
  bool is_new = false;
  std::uint64_t begin = 0;  ///< in the new bytes, or in the packed data of the original member
  std::uint64_t size = 0;   ///< bytes
};

/// Reads the pieces, one behind the other, as one member's packed bytes. Throws wheel::Error for
/// what lies behind them.
ReadPacked read_pieces(std::vector<SplicedPiece> pieces, ReadPacked original, ReadPacked new_bytes);

}  // namespace wheel
