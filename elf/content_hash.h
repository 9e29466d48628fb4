#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "elf/segments.h"

namespace elf {

/// A fingerprint of bytes, to tell whether two files hold the same where both cannot be in memory:
/// a polynomial over the integers modulo 2^61 - 1, taken at a key. Who made the files without
/// knowing the key can make two different ones of n bytes meet by luck only: n / 2^62.
class ContentHash {
 public:
  explicit ContentHash(std::uint64_t key) : key_(key % (kPrime - 2) + 2) {}

  /// The same bytes in other pieces give another fingerprint.
  void add(std::span<const std::uint8_t> bytes) {
    for (; bytes.size() >= sizeof(std::uint32_t); bytes = bytes.subspan(sizeof(std::uint32_t))) {
      std::uint32_t word = 0;
      std::memcpy(&word, bytes.data(), sizeof word);
      mix(word);
    }
    for (const std::uint8_t byte : bytes) mix(byte);
    mix(bytes.size());  // `a` and `a\0\0\0` are not the same
  }
  std::uint64_t value() const { return sum_; }

 private:
  static constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;

  void mix(std::uint64_t word) {
    const unsigned __int128 product = static_cast<unsigned __int128>(sum_) * key_ + word + 1;
    const auto low = static_cast<std::uint64_t>(product) & kPrime;
    const auto high = static_cast<std::uint64_t>(product >> 61);
    sum_ = low + high;
    if (sum_ >= kPrime) sum_ -= kPrime;
  }

  std::uint64_t key_;
  std::uint64_t sum_ = 1;
};

/// What of the range the file has, whose bytes are `bytes`.
std::span<const std::uint8_t> bytes_at(std::span<const std::uint8_t> bytes, const FileRange& range);

/// The fingerprint of what lies in `range` of a file and in none of `left_out`, which ascend.
std::uint64_t hash_between(std::span<const std::uint8_t> bytes, const FileRange& range,
                           const std::vector<FileRange>& left_out, std::uint64_t key);

}  // namespace elf
