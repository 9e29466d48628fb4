#include "src/regular_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <vector>

#include "src/descriptor.h"
#include "wheel/file_copy.h"

namespace spokeshave {

namespace {

bool is_same_state(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_size == other.st_size &&
         one.st_mtim.tv_sec == other.st_mtim.tv_sec && one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
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
  wheel::copy_part({from, 0, size}, to, 0);
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
