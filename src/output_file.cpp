#include "src/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

namespace spokeshave {

namespace {

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// What a signal handler may look at: plain memory that is never freed. A slot holds the path of one
// hidden file.
constexpr std::size_t kSlots = 64;
constexpr std::size_t kPathSize = 4096;
std::array<std::array<char, kPathSize>, kSlots> hidden_paths;
std::array<std::atomic<bool>, kSlots> slot_used;

void remove_hidden_files(int signal) {
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (slot_used[i]) {
      unlink(hidden_paths[i].data());
    }
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void remember_hidden_file(const std::string& path) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (std::signal(signal, remove_hidden_files) == SIG_IGN) {
      std::signal(signal, SIG_IGN);  // nohup wants it so
    }
  }
  for (std::size_t i = 0; i < kSlots && path.size() < kPathSize; ++i) {
    bool unused = false;
    if (hidden_paths[i][0] == '\0' && slot_used[i].compare_exchange_strong(unused, false)) {
      std::memcpy(hidden_paths[i].data(), path.c_str(), path.size() + 1);
      slot_used[i] = true;
      return;
    }
  }
}

void forget_hidden_file(const std::string& path) {
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (slot_used[i] && path == hidden_paths[i].data()) {
      slot_used[i] = false;
      hidden_paths[i][0] = '\0';
      return;
    }
  }
}

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
  descriptor_ = mkostemp(temporary_.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    throw_errno(folder);
  }
  remember_hidden_file(temporary_);
  fchmod(descriptor_, default_mode());
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) {
    unlink(temporary_.c_str());
    forget_hidden_file(temporary_);
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
  remember_hidden_file(beside);
  name_it(beside);
  const int renamed = std::rename(beside.c_str(), path.c_str());
  const int why = errno;
  if (renamed != 0) {
    unlink(beside.c_str());
  }
  forget_hidden_file(beside);
  if (renamed != 0) {
    errno = why;
    throw_errno(path);
  }
}

}  // namespace spokeshave
