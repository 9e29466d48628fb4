#include "src/regular_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <system_error>
#include <vector>

#include "src/descriptor.h"
#include "wheel/file_window.h"

namespace spokeshave {

namespace {

bool is_same_state(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_size == other.st_size &&
         one.st_mtim.tv_sec == other.st_mtim.tv_sec && one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

/// How many bytes the kernel has copied by itself; it stops where it or a file system cannot.
std::uint64_t copy_in_kernel(int from, int to, std::uint64_t size) {
  off_t in = 0;
  off_t out = 0;
  while (static_cast<std::uint64_t>(in) < size) {
    const ssize_t copied =
        ::copy_file_range(from, &in, to, &out, size - static_cast<std::uint64_t>(in), 0);
    if (copied < 0 && errno == EINTR) continue;
    if (copied < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO)) {
      throw_errno("copy_file_range");
    }
    if (copied <= 0) break;
  }
  return static_cast<std::uint64_t>(in);
}

void copy_by_hand(int from, int to, std::uint64_t begin, std::uint64_t size) {
  constexpr std::uint64_t kPiece = 1 << 20;
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min(kPiece, size - begin)));
  for (std::uint64_t at = begin; at < size;) {
    const auto piece =
        std::span(buffer).first(static_cast<std::size_t>(std::min(kPiece, size - at)));
    wheel::read_at(from, at, piece);
    wheel::write_at(to, at, piece);
    at += piece.size();
  }
}

/// Names one behind the other, a NUL after each: listxattr(2).
std::vector<char> attribute_names(int from) {
  const ssize_t size = ::flistxattr(from, nullptr, 0);
  if (size <= 0) return {};
  std::vector<char> names(static_cast<std::size_t>(size) + 1);
  const ssize_t got = ::flistxattr(from, names.data(), names.size() - 1);
  names.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return names;
}

void copy_extended_attributes(int from, int to) {
  const std::vector<char> names = attribute_names(from);
  std::vector<char> value(XATTR_SIZE_MAX);
  for (std::size_t at = 0; at < names.size();) {
    const std::string name(names.data() + at, ::strnlen(names.data() + at, names.size() - at));
    at += name.size() + 1;
    const ssize_t size = ::fgetxattr(from, name.c_str(), value.data(), value.size());
    if (size < 0) continue;
    // Some are for root only, some for other file systems: the copy is as good as it can be.
    static_cast<void>(
        ::fsetxattr(to, name.c_str(), value.data(), static_cast<std::size_t>(size), 0));
  }
}

}  // namespace

RegularFile::RegularFile(const std::string& path, Access access) {
  // O_NONBLOCK: a pipe that nobody writes into would hold us for ever.
  const int mode = access == Access::kReadAndWrite ? O_RDWR : O_RDONLY;
  descriptor_ = ::open(path.c_str(), mode | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) throw_errno(path);
  const bool known = ::fstat(descriptor_, &status_) == 0;
  if (known && S_ISREG(status_.st_mode)) return;
  const int why = !known ? errno : S_ISDIR(status_.st_mode) ? EISDIR : EINVAL;
  ::close(descriptor_);
  throw std::system_error(why, std::generic_category(), path);
}

RegularFile::~RegularFile() {
  ::close(descriptor_);
}

bool RegularFile::is_unchanged_at(const std::string& path) const {
  struct stat open_file {};
  struct stat named_file {};
  return ::fstat(descriptor_, &open_file) == 0 && ::stat(path.c_str(), &named_file) == 0 &&
         is_same_state(status_, open_file) && is_same_state(status_, named_file);
}

void copy_content(int from, int to, std::uint64_t size) {
  if (::ioctl(to, FICLONE, from) == 0) return;
  const std::uint64_t copied = copy_in_kernel(from, to, size);
  if (copied < size) copy_by_hand(from, to, copied, size);
}

void copy_attributes(int from, int to, const struct stat& status, Owner owner) {
  mode_t mode = status.st_mode & 07777;
  if (::fchown(to, status.st_uid, status.st_gid) != 0) {
    if (owner == Owner::kAsBefore) throw_errno("fchown");
    mode &= 0777;
  }
  copy_extended_attributes(from, to);
  // Last: chown(2) takes the set-user-ID bit away.
  if (::fchmod(to, mode) != 0) throw_errno("fchmod");
}

}  // namespace spokeshave
