#include "src/in_place.h"

#include <unistd.h>

#include <csignal>
#include <system_error>
#include <vector>

#include "wheel/file_window.h"

namespace spokeshave {

namespace {

/// While it lives, the signals that end the program wait.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;
  ~SignalsWait() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

/// What stands where the patches go.
std::vector<elf::Patch> present_bytes(int descriptor, const elf::Rewrite& rewrite) {
  std::vector<elf::Patch> present = rewrite.patches;
  for (elf::Patch& each : present) wheel::read_at(descriptor, each.offset, each.bytes);
  return present;
}

/// As well as it can be done: what failed first is what the user must know.
void undo(int descriptor, const std::vector<elf::Patch>& present, std::uint64_t size) {
  try {
    for (const elf::Patch& each : present) wheel::write_at(descriptor, each.offset, each.bytes);
  } catch (const std::system_error&) {
  }
  static_cast<void>(::ftruncate(descriptor, static_cast<off_t>(size)));
}

}  // namespace

void write_rewrite_in_place(int descriptor, const elf::Rewrite& rewrite) {
  const std::vector<elf::Patch> present = present_bytes(descriptor, rewrite);
  const SignalsWait signals_wait;
  try {
    wheel::write_at(descriptor, rewrite.original_size, rewrite.tail);
    for (const elf::Patch& each : rewrite.patches) {
      wheel::write_at(descriptor, each.offset, each.bytes);
    }
  } catch (const std::system_error&) {
    undo(descriptor, present, rewrite.original_size);
    throw;
  }
}

}  // namespace spokeshave
