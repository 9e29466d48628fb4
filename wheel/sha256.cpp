#include "wheel/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <new>
#include <utility>

namespace wheel {

struct Sha256::State {
  State() : context(EVP_MD_CTX_new()) {
    if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) {
      EVP_MD_CTX_free(context);
      throw std::bad_alloc();
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }

  EVP_MD_CTX* context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> piece) {
  EVP_DigestUpdate(state_->context, piece.data(), piece.size());
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest{};
  EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

Sha256Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(bytes)));
  return hash.finish();
}

std::string record_hash(const Sha256Digest& digest) {
  // 32 bytes make 43 digits and one `=`; EVP_EncodeBlock writes a NUL behind them.
  std::array<unsigned char, 45> text{};
  EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(digest.data()),
                  static_cast<int>(digest.size()));
  std::string hash = "sha256=";
  hash.append(text.begin(), text.begin() + 43);
  std::replace(hash.begin() + 7, hash.end(), '+', '-');
  std::replace(hash.begin() + 7, hash.end(), '/', '_');
  return hash;
}

}  // namespace wheel
