#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "wheel/archive.h"
#include "wheel/inflate_point.h"
#include "wheel/read_packed.h"

namespace wheel {

/// Unpacks one member from its first byte to its last, and can be set back to where it was saved.
/// Holds the packed data in pieces.
class MemberDecoder {
 public:
  static constexpr std::size_t kMemoryBytes = std::size_t{1}
                                              << 20;  ///< at most, states not counted
  static constexpr std::size_t kStateBytes = std::size_t{88} << 10;  ///< of one Saved, at most

  /// A state, which any decoder of the same kind and member can be set to.
  class Saved {
   public:
    Saved() = default;
    Saved(const Saved&) = delete;
    Saved& operator=(const Saved&) = delete;
    virtual ~Saved() = default;
    /// The same for others; nullptr where the decoder knows of no bits.
    virtual std::shared_ptr<const MemberPoint> point() const { return nullptr; }
  };

  MemberDecoder() = default;
  MemberDecoder(const MemberDecoder&) = delete;
  MemberDecoder& operator=(const MemberDecoder&) = delete;
  virtual ~MemberDecoder() = default;

  /// The next out.size() unpacked bytes. Throws wheel::Error where the packed data is bad or holds
  /// fewer.
  virtual void decode(std::span<std::byte> out) = 0;

  /// Checks, when all bytes that the archive declares are decoded, that the packed data holds no
  /// more and ends where it should.
  virtual void finish() = 0;

  virtual std::unique_ptr<Saved> save() const = 0;
  virtual void restore(const Saved& saved) = 0;
  virtual void restart() = 0;
};

/// The quickest: ISA-L, or, where the member is stored, none at all.
std::unique_ptr<MemberDecoder> quick_decoder(ReadPacked read, const Member& member);

/// For a deflated member: our own, which knows at which bit each symbol stands (SymbolInflater), so
/// that its states are points for splice().
std::unique_ptr<MemberDecoder> symbol_decoder(ReadPacked read, const Member& member);
/// A state of such a decoder that was saved elsewhere.
std::unique_ptr<MemberDecoder::Saved> saved_at(std::shared_ptr<const MemberPoint> point);

}  // namespace wheel
