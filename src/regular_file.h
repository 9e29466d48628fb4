#pragma once

#include <sys/stat.h>

#include <string>

namespace spokeshave {

/// A file on disk that is held open: no folder, pipe or device. Symbolic links are followed.
class RegularFile {
 public:
  enum class Access : bool { kRead, kReadAndWrite };

  /// Throws std::system_error; EINVAL for what is no regular file.
  explicit RegularFile(const std::string& path, Access access = Access::kRead);
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;
  ~RegularFile();

  int descriptor() const { return descriptor_; }
  /// As it was when it was opened.
  const struct stat& status() const { return status_; }
  /// Whether `path` still leads to this file, and nobody has written into it or changed its size
  /// since it was opened, as far as its times tell.
  bool is_unchanged_at(const std::string& path) const;
  bool is_same_as(const RegularFile& other) const {
    return status_.st_dev == other.status_.st_dev && status_.st_ino == other.status_.st_ino;
  }

 private:
  int descriptor_ = -1;
  struct stat status_ {};
};

/// Makes `to`, which is empty, hold the first `size` bytes of `from`: as a clone that shares its
/// blocks where the file system can (FICLONE), else by copy_file_range(2), else by reading and
/// writing. Throws std::system_error, and wheel::Error where `from` is shorter.
void copy_content(int from, int to, std::uint64_t size);

/// Whom a copy belongs to.
enum class Owner : bool {
  kAsBefore,  ///< user and group of the original, or an error
  kIfMay,     ///< the same where we may; else ours, and no set-user-ID and set-group-ID bits
};

/// Gives the file `to` mode and owner of `from`, whose status is `status`, and of its extended
/// attributes what can be had: ACLs are such. Throws std::system_error.
void copy_attributes(int from, int to, const struct stat& status, Owner owner);

}  // namespace spokeshave
