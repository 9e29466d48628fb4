#include "wheel/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

namespace wheel {
namespace {

/// What RECORD may use, with the number of base64 digits that it takes.
struct Kind {
  std::string_view prefix;
  std::size_t digits;
  const EVP_MD* (*algorithm)();
};
constexpr std::array<Kind, 3> kKinds = {
    {{"sha256=", 43, &EVP_sha256}, {"sha384=", 64, &EVP_sha384}, {"sha512=", 86, &EVP_sha512}}};

const Kind* kind_of(std::string_view hash) {
  const auto* const found = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& kind) {
    return hash.starts_with(kind.prefix);
  });
  return found == kKinds.end() ? nullptr : found;
}

class Context {
 public:
  explicit Context(const EVP_MD* algorithm) : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr || EVP_DigestInit_ex(context_, algorithm, nullptr) != 1) {
      EVP_MD_CTX_free(context_);
      throw std::bad_alloc();
    }
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(context_); }

  void update(std::span<const std::byte> piece) {
    EVP_DigestUpdate(context_, piece.data(), piece.size());
  }

  /// Writes the digest, which must have out's size.
  void finish(std::span<std::byte> out) {
    EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(out.data()), nullptr);
  }

 private:
  EVP_MD_CTX* context_;
};

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t kNoDigit = 64;
constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::uint8_t value_of(char digit) {
  return kValues[static_cast<unsigned char>(digit)];
}

std::string spelt(const Kind& kind, std::span<const std::byte> digest) {
  std::string hash(kind.prefix);
  hash.resize(kind.prefix.size() + kind.digits);
  std::uint32_t bits = 0;
  unsigned count = 0;
  std::size_t at = kind.prefix.size();
  for (const std::byte byte : digest) {
    bits = bits << 8 | std::to_integer<std::uint32_t>(byte);
    for (count += 8; count >= 6; ++at) {
      count -= 6;
      hash[at] = kDigits[bits >> count & 63];
    }
  }
  if (count != 0) {
    hash[at] = kDigits[bits << (6 - count) & 63];
  }
  return hash;
}

}  // namespace

struct Sha256::State : Context {
  State() : Context(EVP_sha256()) {}
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> piece) {
  state_->update(piece);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest{};
  state_->finish(digest);
  return digest;
}

Sha256Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(bytes)));
  return hash.finish();
}

std::string record_hash(const Sha256Digest& digest) {
  return spelt(kKinds[0], digest);
}

std::optional<Sha256Digest> digest_of(std::string_view record_hash) {
  const Kind& kind = kKinds[0];
  if (!record_hash.starts_with(kind.prefix) ||
      record_hash.size() != kind.prefix.size() + kind.digits) {
    return std::nullopt;
  }
  Sha256Digest digest{};
  std::uint32_t bits = 0;
  unsigned count = 0;
  std::size_t at = 0;
  for (const char digit : record_hash.substr(kind.prefix.size())) {
    const std::uint8_t value = value_of(digit);
    if (value == kNoDigit) {
      return std::nullopt;
    }
    bits = bits << 6 | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      digest[at++] = static_cast<std::byte>(bits >> count & 255);
    }
  }
  const bool is_exact = (bits & ((1u << count) - 1)) == 0;  // or bits are left that mean nothing
  return is_exact ? std::optional(digest) : std::nullopt;
}

bool is_record_hash(std::string_view hash) {
  const Kind* const kind = kind_of(hash);
  if (kind == nullptr || hash.size() != kind->prefix.size() + kind->digits) {
    return false;
  }
  hash.remove_prefix(kind->prefix.size());
  return std::all_of(hash.begin(), hash.end(), [](char c) { return value_of(c) != kNoDigit; });
}

struct RecordHasher::State : Context {
  explicit State(const Kind& the_kind) : Context(the_kind.algorithm()), kind(the_kind) {}
  const Kind& kind;
};

RecordHasher::RecordHasher(std::string_view like) {
  const Kind* const kind = kind_of(like);
  if (kind == nullptr) {
    throw std::invalid_argument("not a hash that RECORD may have: " + std::string(like));
  }
  state_ = std::make_unique<State>(*kind);
}
RecordHasher::~RecordHasher() = default;
RecordHasher::RecordHasher(RecordHasher&&) noexcept = default;
RecordHasher& RecordHasher::operator=(RecordHasher&&) noexcept = default;

void RecordHasher::update(std::span<const std::byte> piece) {
  state_->update(piece);
}

std::string RecordHasher::finish() {
  std::vector<std::byte> digest(
      static_cast<std::size_t>(EVP_MD_get_size(state_->kind.algorithm())));
  state_->finish(digest);
  return spelt(state_->kind, digest);
}

}  // namespace wheel
