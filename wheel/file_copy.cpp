#include "wheel/file_copy.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <span>
#include <system_error>
#include <vector>

#include "wheel/file_window.h"

namespace wheel {

namespace {

constexpr std::uint64_t kKernelPiece = std::uint64_t{32} << 20;
constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;

/// A copy that is under way.
class Copy {
 public:
  Copy(const FilePart& part, int to, std::uint64_t offset,
       const std::function<void(std::uint64_t)>& progress)
      : part_(part), to_(to), offset_(offset), progress_(progress) {}

  /// As far as the kernel gets by itself: it stops at the end of the file, and where it or a file
  /// system cannot.
  void in_kernel() {
    while (done_ < part_.size) {
      auto in = static_cast<off_t>(part_.offset + done_);
      auto out = static_cast<off_t>(offset_ + done_);
      const auto piece = static_cast<std::size_t>(std::min(kKernelPiece, part_.size - done_));
      const ssize_t copied = ::copy_file_range(part_.descriptor, &in, to_, &out, piece, 0);
      if (copied < 0 && errno == EINTR) {
        continue;
      }
      if (copied < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO)) {
        throw std::system_error(errno, std::generic_category(), "copy_file_range");
      }
      if (copied <= 0) {
        return;
      }
      advance(static_cast<std::uint64_t>(copied));
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
