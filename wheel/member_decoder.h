#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "wheel/archive.h"
#include "wheel/read_packed.h"

namespace wheel {

/// Unpacks one member from its first byte to its last, and can be set back to where it was saved.
/// Holds the packed data in pieces.
class MemberDecoder {
 public:
  static constexpr std::size_t kInputBytes = std::size_t{128} << 10;
  static constexpr std::size_t kStateBytes = std::size_t{88} << 10;  ///< of one Saved, at most

  struct Saved;
  struct DeleteSaved {
    void operator()(Saved* saved) const;
  };

  MemberDecoder(const Archive& archive, const Member& member);
  MemberDecoder(ReadPacked read, const Member& member);
  ~MemberDecoder();

  /// The next out.size() unpacked bytes. Throws wheel::Error where the packed data is bad or holds
  /// fewer.
  void decode(std::span<std::byte> out);

  /// Checks, when all bytes that the archive declares are decoded, that the packed data holds no
  /// more and ends where it should.
  void finish();

  std::unique_ptr<Saved, DeleteSaved> save() const;
  void restore(const Saved& saved);
  void restart();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wheel
