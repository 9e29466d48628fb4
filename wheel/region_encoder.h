#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "wheel/bit_writer.h"

namespace wheel {

/// Packs a stretch in the middle of a deflate stream, with zlib, into blocks that follow the bits
/// written so far, at any phase, and end where they end.
class RegionEncoder {
 public:
  /// Takes the pending bits of `writer`, which gets nothing from others until a finish.
  /// `dictionary`: the unpacked bytes before the stretch, 32 KiB at most, which it may refer to.
  RegionEncoder(std::span<const std::byte> dictionary, BitWriter& writer);
  ~RegionEncoder();
  RegionEncoder(RegionEncoder&&) noexcept;
  RegionEncoder& operator=(RegionEncoder&&) noexcept;

  void feed(std::span<const std::byte> bytes);

  // Once, one of them:
  /// Ends the block; the next one may begin at the next bit.
  void finish_block();
  /// Ends the stream, and fills its last byte with zeros.
  void finish_stream();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wheel
