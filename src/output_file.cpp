#include "src/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "src/descriptor.h"
#include "src/signal_cleanup.h"

namespace spokeshave {

namespace {

/// As creat(2) would give it: 0666 less the umask.
mode_t default_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

}  // namespace

OutputFile::OutputFile(const std::string& folder) : folder_(folder) {
  // An environment variable lets a test take the second way on a file system that knows the first.
  if (std::getenv("SPOKESHAVE_NO_TMPFILE") == nullptr) {
    descriptor_ = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, default_mode());
    if (descriptor_ >= 0) {
      return;
    }
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
      throw_errno(folder);
    }
  }
  temporary_ = folder + "/.spokeshave-XXXXXX";
  const HoldSignals hold;
  descriptor_ = mkostemp(temporary_.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    throw_errno(folder);
  }
  remove_on_signal(temporary_);
  fchmod(descriptor_, default_mode());
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) {
    unlink(temporary_.c_str());
    keep_on_signal(temporary_);
  }
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

void OutputFile::name_it(const std::string& path) const {
  if (!temporary_.empty()) {
    if (link(temporary_.c_str(), path.c_str()) != 0) {
      throw_errno(path);
    }
    return;
  }
  // The first way needs a capability (CAP_DAC_READ_SEARCH), the second /proc: linkat(2).
  if (linkat(descriptor_, "", AT_FDCWD, path.c_str(), AT_EMPTY_PATH) == 0) {
    return;
  }
  if (errno == EEXIST) {
    throw_errno(path);
  }
  const std::string self = fmt::format("/proc/self/fd/{}", descriptor_);
  if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    throw_errno(path);
  }
}

void OutputFile::publish(const std::string& path, bool overwrite) {
  if (!overwrite) {
    name_it(path);
    return;
  }
  // link(2) never replaces: a second name beside the old file, and rename(2), which does so at
  // once.
  const std::string beside = fmt::format("{}/.spokeshave-{}-{}", folder_, getpid(), descriptor_);
  remove_on_signal(beside);
  name_it(beside);
  const int renamed = std::rename(beside.c_str(), path.c_str());
  const int why = errno;
  if (renamed != 0) {
    unlink(beside.c_str());
  }
  keep_on_signal(beside);
  if (renamed != 0) {
    errno = why;
    throw_errno(path);
  }
}

}  // namespace spokeshave
