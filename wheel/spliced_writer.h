#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "wheel/bit_writer.h"
#include "wheel/splice.h"

namespace wheel {

/// Puts the packed bytes of a spliced member together: bits of our own, and long runs of the
/// original's, of which only the place is noted.
class SplicedWriter {
 public:
  /// `read`: packed bytes of the original.
  explicit SplicedWriter(const ReadPacked& read) : read_(read) {}

  /// For bits of our own.
  BitWriter& bits() { return bits_; }

  /// The original's bits from `begin` to `end`, wherever they then stand in a byte.
  void copy_bits(std::uint64_t begin, std::uint64_t end);
  /// The same for a run of any length, which must be at the same place of a byte as in the
  /// original: bits().pending() == begin % 8.
  void copy_run(std::uint64_t begin, std::uint64_t end);

  /// The pieces and the new bytes; whole bytes have been written. Call once.
  Spliced finish();

 private:
  void end_new_piece();

  const ReadPacked& read_;
  BitWriter bits_;
  std::uint64_t noted_ = 0;  ///< new bytes that are in pieces
  std::vector<SplicedPiece> pieces_;
  std::uint64_t packed_bytes_ = 0;
};

}  // namespace wheel
