#include "src/signal_cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>

namespace spokeshave {

namespace {

constexpr std::array<int, 3> kEndingSignals = {SIGINT, SIGTERM, SIGHUP};

// What a signal handler may look at: plain memory that is never freed. A slot holds one path.
constexpr std::size_t kSlots = 64;
constexpr std::size_t kPathSize = 4096;
std::array<std::array<char, kPathSize>, kSlots> paths;
std::array<std::atomic<bool>, kSlots> slot_used;

/// Removes the files of a folder as long as some come up. readdir(3) is not safe in a signal
/// handler, the system call beneath it is (getdents64(2)).
void empty_folder(int folder) {
  alignas(dirent64) std::array<char, 4096> entries;
  for (long size = 0;
       (size = syscall(SYS_getdents64, folder, entries.data(), entries.size())) > 0;) {
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(&entries[static_cast<std::size_t>(at)]);
      unlinkat(folder, entry->d_name, 0);  // `.` and `..` are folders: refused
      at += entry->d_reclen;
    }
  }
}

void remove_folder(const char* path) {
  // A program that works in there may just make another file; it is ended with us.
  for (int tries = 0; tries < 100; ++tries) {
    const int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) {
      return;
    }
    empty_folder(folder);
    close(folder);
    if (rmdir(path) == 0) {
      return;
    }
  }
}

void remove_all_and_end(int signal) {
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (slot_used[i] && unlink(paths[i].data()) != 0) {
      remove_folder(paths[i].data());
    }
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

void remove_on_signal(const std::string& path) {
  for (const int signal : kEndingSignals) {
    if (std::signal(signal, remove_all_and_end) == SIG_IGN) {
      std::signal(signal, SIG_IGN);  // nohup wants it so
    }
  }
  for (std::size_t i = 0; i < kSlots && path.size() < kPathSize; ++i) {
    bool unused = false;
    if (paths[i][0] == '\0' && slot_used[i].compare_exchange_strong(unused, false)) {
      std::memcpy(paths[i].data(), path.c_str(), path.size() + 1);
      slot_used[i] = true;
      return;
    }
  }
}

void keep_on_signal(const std::string& path) {
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (slot_used[i] && path == paths[i].data()) {
      slot_used[i] = false;
      paths[i][0] = '\0';
      return;
    }
  }
}

HoldSignals::HoldSignals() {
  sigset_t held;
  sigemptyset(&held);
  for (const int signal : kEndingSignals) {
    sigaddset(&held, signal);
  }
  pthread_sigmask(SIG_BLOCK, &held, &old_mask_);
}

HoldSignals::~HoldSignals() {
  pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
}

}  // namespace spokeshave
