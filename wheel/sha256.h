#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wheel {

using Sha256Digest = std::array<std::byte, 32>;

/// A SHA-256 that is fed piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::span<const std::byte> piece);
  /// The digest of all that was fed. Call once.
  Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Sha256Digest sha256(std::string_view bytes);

/// As RECORD wants it: `sha256=` and URL-safe base64 without padding (binary distribution format,
/// "The .dist-info directory").
std::string record_hash(const Sha256Digest& digest);

/// The other way: nothing for what record_hash() would not spell exactly so.
std::optional<Sha256Digest> digest_of(std::string_view record_hash);

/// Whether a hash is one that RECORD may have: SHA-256 or stronger, as above. md5 and sha1 are none
/// ("The .dist-info directory").
bool is_record_hash(std::string_view hash);

/// A hash of the kind that a RECORD row has, fed piece by piece.
class RecordHasher {
 public:
  /// `like`: a hash for which is_record_hash() holds.
  explicit RecordHasher(std::string_view like);
  ~RecordHasher();
  RecordHasher(RecordHasher&&) noexcept;
  RecordHasher& operator=(RecordHasher&&) noexcept;
  void update(std::span<const std::byte> piece);
  /// The hash of all that was fed, as RECORD spells it. Call once.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wheel
