#include "wheel/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
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

bool is_url_safe_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
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

std::string spelt(const Kind& kind, std::span<const std::byte> digest) {
  std::vector<unsigned char> text(digest.size() * 4 / 3 + 5);  // with `=` and the NUL behind
  EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(digest.data()),
                  static_cast<int>(digest.size()));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  std::string hash(kind.prefix);
  return hash.append(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(kind.digits));
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
  if (!record_hash.starts_with(kind.prefix) || !is_record_hash(record_hash)) {
    return std::nullopt;
  }
  std::string text(record_hash.substr(kind.prefix.size()));
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text += '=';
  std::array<unsigned char, 33> bytes{};  // the padding is decoded too
  EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  Sha256Digest digest{};
  std::transform(bytes.begin(), bytes.begin() + 32, digest.begin(),
                 [](unsigned char byte) { return static_cast<std::byte>(byte); });
  return spelt(kind, digest) == record_hash ? std::optional(digest) : std::nullopt;
}

bool is_record_hash(std::string_view hash) {
  const Kind* const kind = kind_of(hash);
  if (kind == nullptr || hash.size() != kind->prefix.size() + kind->digits) {
    return false;
  }
  hash.remove_prefix(kind->prefix.size());
  return std::all_of(hash.begin(), hash.end(), is_url_safe_digit);
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
