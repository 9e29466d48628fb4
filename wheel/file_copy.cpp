#include "wheel/file_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <system_error>
#include <vector>

#include "wheel/file_window.h"

namespace wheel {

namespace {

constexpr std::uint64_t kSharedPiece = std::uint64_t{32} << 20;
// A pipe may hold 1 MiB without special rights (pipe(7)); a quarter of it at a time leaves room for
// pages of which only a part is copied.
constexpr int kPipeBytes = 1 << 20;
constexpr std::uint64_t kPipePiece = std::uint64_t{256} << 10;
constexpr std::uint64_t kPiece = std::uint64_t{256} << 10;  // what the processor's caches hold
constexpr std::uint64_t kBlock = 4096;

/// A pipe as the kernel's buffer between two files.
class Pipe {
 public:
  /// Throws std::system_error where there are too many open files.
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe2");
    }
    fcntl(ends_[1], F_SETPIPE_SZ, kPipeBytes);  // refused, it is slower only
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }

  int out() const { return ends_[0]; }
  int in() const { return ends_[1]; }

 private:
  std::array<int, 2> ends_{};
};

/// Repeats a system call that a signal stopped. Throws std::system_error where there is no room;
/// other errors mean that this way is none.
template <typename Call>
std::uint64_t bytes_of(const char* name, const Call& call) {
  ssize_t bytes = 0;
  do {
    bytes = call();
  } while (bytes < 0 && errno == EINTR);
  if (bytes < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO)) {
    throw std::system_error(errno, std::generic_category(), name);
  }
  return static_cast<std::uint64_t>(std::max<ssize_t>(bytes, 0));
}

/// A copy that is under way.
class Copy {
 public:
  Copy(const FilePart& part, int to, std::uint64_t offset,
       const std::function<void(std::uint64_t)>& progress)
      : part_(part), to_(to), offset_(offset), progress_(progress) {}

  /// As far as the kernel gets by itself: it stops at the end of the file, and where it or a file
  /// system cannot.
  void in_kernel() {
    if (part_.offset % kBlock == offset_ % kBlock) {
      share();
    } else {
      through_pipe();
    }
  }

  void by_hand() {
    std::vector<std::byte> buffer(static_cast<std::size_t>(std::min(kPiece, part_.size - done_)));
    while (done_ < part_.size) {
      const auto piece =
          std::span(buffer).first(static_cast<std::size_t>(std::min(kPiece, part_.size - done_)));
      read_at(part_.descriptor, part_.offset + done_, piece);
      write_at(to_, offset_ + done_, piece);
      advance(piece.size());
    }
  }

 private:
  /// A file system may let both files have the same blocks.
  void share() {
    while (done_ < part_.size) {
      auto in = static_cast<off_t>(part_.offset + done_);
      auto out = static_cast<off_t>(offset_ + done_);
      const auto piece = static_cast<std::size_t>(std::min(kSharedPiece, part_.size - done_));
      const std::uint64_t copied = bytes_of("copy_file_range", [&] {
        return ::copy_file_range(part_.descriptor, &in, to_, &out, piece, 0);
      });
      if (copied == 0) {
        return;
      }
      advance(copied);
    }
  }

  /// Where blocks can't be shared, copy_file_range(2) goes through a pipe of 64 KiB. With a larger
  /// one, whose pieces end where the new file's folios do, it takes two thirds of the time.
  void through_pipe() {
    if (part_.size < kPipePiece) {
      return;  // not worth a pipe
    }
    const Pipe pipe;
    while (done_ < part_.size) {
      auto in = static_cast<off_t>(part_.offset + done_);
      const std::uint64_t up_to_border = kPipePiece - (offset_ + done_) % kPipePiece;
      const auto piece = static_cast<std::size_t>(std::min(up_to_border, part_.size - done_));
      const std::uint64_t taken = bytes_of(
          "splice", [&] { return ::splice(part_.descriptor, &in, pipe.in(), nullptr, piece, 0); });
      if (taken == 0 || !drain(pipe, taken)) {
        return;
      }
    }
  }

  bool drain(const Pipe& pipe, std::uint64_t bytes) {
    while (bytes > 0) {
      auto out = static_cast<off_t>(offset_ + done_);
      const std::uint64_t put = bytes_of("splice", [&] {
        return ::splice(pipe.out(), nullptr, to_, &out, static_cast<std::size_t>(bytes), 0);
      });
      if (put == 0) {
        return false;
      }
      bytes -= put;
      advance(put);
    }
    return true;
  }

  void advance(std::uint64_t bytes) {
    done_ += bytes;
    if (progress_) {
      progress_(done_);
    }
  }

  const FilePart& part_;
  const int to_;
  const std::uint64_t offset_;
  const std::function<void(std::uint64_t)>& progress_;
  std::uint64_t done_ = 0;
};

}  // namespace

void copy_part(const FilePart& part, int to, std::uint64_t offset,
               const std::function<void(std::uint64_t)>& progress) {
  Copy copy(part, to, offset, progress);
  copy.in_kernel();
  copy.by_hand();
}

}  // namespace wheel
