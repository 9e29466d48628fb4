#pragma once

#include <cstdint>

namespace wheel {

/// A stretch of a spliced member's packed bytes.
struct SplicedPiece {
  bool is_new = false;
  std::uint64_t begin = 0;  ///< in the new bytes, or in the packed data of the original member
  std::uint64_t size = 0;   ///< bytes
};

}  // namespace wheel
