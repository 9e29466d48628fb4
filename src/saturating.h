#pragma once

#include <cstdint>
#include <limits>

namespace spokeshave {

/// a + b, or the greatest value where the sum would wrap.
constexpr std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  return a > kMax - b ? kMax : a + b;
}

}  // namespace spokeshave
