#pragma once

#include <cstdlib>
#include <random>

namespace support {

/// The seed of a property test: from SPOKESHAVE_SEED where a failure is to be seen again.
inline unsigned random_seed() {
  const char* const given = std::getenv("SPOKESHAVE_SEED");
  return given != nullptr ? static_cast<unsigned>(std::atol(given)) : std::random_device{}();
}

}  // namespace support
