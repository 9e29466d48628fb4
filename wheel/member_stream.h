#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "wheel/archive.h"
#include "wheel/error.h"
#include "wheel/inflate_point.h"
#include "wheel/read_packed.h"
#include "wheel/sha256.h"

namespace wheel {

/// A member that decodes, but not into the bytes that were announced.
class MemberMismatch : public Error {
 public:
  enum class Of : std::uint8_t { kCrc, kRecordHash };
  MemberMismatch(Of of, std::string member, const std::string& what)
      : Error(std::move(member), what), of_(of) {}
  Of of() const { return of_; }

 private:
  Of of_;
};

/// The unpacked bytes of one member, by offset, without ever holding it whole. Reading forward
/// decodes; going back restarts from the nearest of a bounded number of checkpoints of the
/// decoder's state, so a step back costs a few MB of decoding, not all. Memory: at most
/// kMemoryBound bytes, whatever the member. One thread at a time; `archive` must outlive it.
class MemberStream {
 public:
  static constexpr std::size_t kMemoryBound = std::size_t{8} << 20;

  MemberStream(const Archive& archive, const Member& member);
  /// Packed bytes that `read` gives, and what they are to be.
  MemberStream(ReadPacked read, const Member& member);
  /// For splice(): decodes by symbols, a little more slowly, and its checkpoints are points. It
  /// begins with those of another such stream of the same member, or with none. A stored member has
  /// none.
  MemberStream(ReadPacked read, const Member& member, const MemberPoints& points);
  ~MemberStream();
  MemberStream(MemberStream&&) noexcept;
  MemberStream& operator=(MemberStream&&) noexcept;

  /// Unpacked size in bytes.
  std::uint64_t size() const;

  /// Called once with every byte of the member, in order, in pieces, while they are first decoded.
  /// Set it before the first read.
  void observe(std::function<void(std::span<const std::byte>)> observer);

  /// The hash that RECORD has for the member (sha256, sha384 or sha512); finish() compares. Set it
  /// before the first read.
  void expect(const std::string& record_hash);

  /// Hashes and observes on a thread of its own, while the next bytes are decoded: worth it for
  /// large members, where a core is idle. Set it behind the others, before the first read.
  void overlap();

  /// Copies out.size() bytes from `offset` on. Throws wheel::Error where the range or the packed
  /// data is bad.
  void read(std::uint64_t offset, std::span<std::byte> out);

  /// The points that a stream for splice() has come by: all of them, or the nearest before each of
  /// these offsets.
  MemberPoints points() const;
  MemberPoints points_before(std::vector<std::uint64_t> offsets) const;

  /// Decodes what has not been decoded yet, checks that the packed data ends where it should, the
  /// size and the CRC, and gives the SHA-256 of the whole. Throws wheel::Error naming what does not
  /// match.
  Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wheel
