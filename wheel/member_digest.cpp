#include "wheel/member_digest.h"

#include <utility>

#include "wheel/deflate.h"

namespace wheel {

MemberDigest::~MemberDigest() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
}

void MemberDigest::use_a_thread() {
  thread_ = std::thread([this] { run(); });
}

void MemberDigest::take(std::span<const std::byte> piece) {
  if (!thread_.joinable()) {
    work_on(piece);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    pieces_.push_back(piece);
  }
  changed_.notify_all();
}

void MemberDigest::settle(std::size_t pieces) {
  if (!thread_.joinable()) {
    return;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return pieces_.size() <= pieces || failure_; });
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

std::optional<std::string> MemberDigest::finish_other() {
  return other_hash_ ? std::optional(other_hash_->finish()) : std::nullopt;
}

void MemberDigest::work_on(std::span<const std::byte> piece) {
  crc_ = crc32_update(crc_, piece);
  sha256_.update(piece);
  if (other_hash_) {
    other_hash_->update(piece);
  }
  if (observer_) {
    observer_(piece);
  }
}

void MemberDigest::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return over_ || !pieces_.empty(); });
    if (over_) {
      return;
    }
    const auto piece = pieces_.front();
    lock.unlock();
    std::exception_ptr failure;
    try {
      work_on(piece);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    pieces_.pop_front();
    failure_ = std::move(failure);
    changed_.notify_all();
    if (failure_) {
      return;
    }
  }
}

}  // namespace wheel
