#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wheel {

/// Bits into bytes, the first one lowest, as deflate wants them (RFC 1951, 3.1.1).
class BitWriter {
 public:
  /// The low `count` bits of `value`; 32 at most.
  void put(std::uint32_t value, unsigned count) {
    bits_ |= (value & ((std::uint64_t{1} << count) - 1)) << pending_;
    pending_ += count;
    for (; pending_ >= 8; pending_ -= 8) {
      bytes_.push_back(static_cast<std::byte>(bits_ & 255));
      bits_ >>= 8;
    }
  }
  /// Only where no bits are pending.
  void put(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  /// Zeros up to the next whole byte.
  void align() { put(0, (8 - pending_) % 8); }

  /// How many bits of a byte are begun, 0 to 7, and those bits.
  unsigned pending() const { return pending_; }
  std::uint32_t pending_bits() const { return static_cast<std::uint32_t>(bits_); }
  /// Takes them back, for somebody else to put them.
  void drop_pending() {
    bits_ = 0;
    pending_ = 0;
  }

  const std::vector<std::byte>& bytes() const { return bytes_; }
  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t bits_ = 0;
  unsigned pending_ = 0;
};

}  // namespace wheel
