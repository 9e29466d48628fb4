#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>

namespace support {

/// Runs `check` on the seeds of a property test until one fails: `usual` of them, or as many as
/// SPOKESHAVE_TREES says, from a random one on; only that of SPOKESHAVE_SEED where that is set.
inline void for_each_seed(std::uint64_t usual, const std::function<void(std::uint64_t)>& check) {
  if (const char* const seed = std::getenv("SPOKESHAVE_SEED")) {
    check(std::strtoull(seed, nullptr, 10));
    return;
  }
  const char* const trees = std::getenv("SPOKESHAVE_TREES");
  const std::uint64_t count = trees != nullptr ? std::strtoull(trees, nullptr, 10) : usual;
  const std::uint64_t first_seed = std::random_device{}();
  for (std::uint64_t i = 0; i < count && !testing::Test::HasFailure(); ++i) check(first_seed + i);
}

}  // namespace support
