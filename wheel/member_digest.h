#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "wheel/sha256.h"

namespace wheel {

/// What is made of a member's bytes while they are decoded, piece by piece and in order: the
/// CRC-32, the SHA-256, the hash of another kind that RECORD may have, and what an observer sees.
/// With a thread of its own it works while the next pieces are decoded.
class MemberDigest {
 public:
  using Observer = std::function<void(std::span<const std::byte>)>;

  MemberDigest() = default;
  ~MemberDigest();
  MemberDigest(const MemberDigest&) = delete;
  MemberDigest& operator=(const MemberDigest&) = delete;

  // Before the first piece:
  void observe(Observer observer) { observer_ = std::move(observer); }
  /// `record_hash` of another kind than SHA-256.
  void hash_also(const std::string& record_hash) { other_hash_.emplace(record_hash); }
  void use_a_thread();

  /// Takes the next piece. With a thread the bytes must stay as they are until settle() says so.
  void take(std::span<const std::byte> piece);
  /// Waits until no more than the last `pieces` pieces are still to be worked on. Throws what the
  /// observer threw.
  void settle(std::size_t pieces);

  // After settle(0), once:
  std::uint32_t crc() const { return crc_; }
  Sha256Digest finish_sha256() { return sha256_.finish(); }
  /// The hash of the kind that hash_also() asked for; nothing where it did not.
  std::optional<std::string> finish_other();

 private:
  void work_on(std::span<const std::byte> piece);
  void run();

  std::uint32_t crc_ = 0;
  Sha256 sha256_;
  std::optional<RecordHasher> other_hash_;
  Observer observer_;

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::span<const std::byte>> pieces_;  ///< the first one is being worked on
  std::exception_ptr failure_;
  bool over_ = false;
};

}  // namespace wheel
