#include "src/signal_cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>

namespace spokeshave {

namespace {

constexpr std::array<int, 3> kEndingSignals = {SIGINT, SIGTERM, SIGHUP};

// What a signal handler may look at: memory that is never freed, as another thread may be in the
// handler. Slots are used again.
struct Slot {
  explicit Slot(std::size_t path_size) : size(path_size), path(new char[path_size]) {}
  const std::size_t size;
  char* const path;  ///< of `size` bytes, ends in NUL
  enum State : int { kFree, kTaken, kFilled };
  std::atomic<State> state = kTaken;
  Slot* next = nullptr;
};
std::atomic<Slot*> first_slot = nullptr;

/// A free slot with room for `size` bytes, which nobody else takes from now on.
Slot& take_slot(std::size_t size) {
  for (Slot* slot = first_slot; slot != nullptr; slot = slot->next) {
    auto expected = Slot::kFree;
    if (slot->size >= size && slot->state.compare_exchange_strong(expected, Slot::kTaken)) {
      return *slot;
    }
  }
  constexpr std::size_t kRoom = 256;  // so that most paths fit into most slots
  auto* slot = new Slot(std::max(size, kRoom));
  slot->next = first_slot;
  while (!first_slot.compare_exchange_weak(slot->next, slot)) {
  }
  return *slot;
}

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
  for (const Slot* slot = first_slot; slot != nullptr; slot = slot->next) {
    if (slot->state == Slot::kFilled && unlink(slot->path) != 0) {
      remove_folder(slot->path);
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
  Slot& slot = take_slot(path.size() + 1);
  std::memcpy(slot.path, path.c_str(), path.size() + 1);
  slot.state = Slot::kFilled;
}

void keep_on_signal(const std::string& path) {
  for (Slot* slot = first_slot; slot != nullptr; slot = slot->next) {
    if (slot->state == Slot::kFilled && path == slot->path) {
      slot->state = Slot::kFree;
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
  sigaddset(&held, SIGQUIT);
  pthread_sigmask(SIG_BLOCK, &held, &old_mask_);
}

HoldSignals::~HoldSignals() {
  pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
}

}  // namespace spokeshave
