#pragma once

#include <array>
#include <cstddef>
#include <memory>
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

}  // namespace wheel
