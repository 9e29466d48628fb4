#include "src/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <fstream>
#include <new>
#include <string_view>
#include <system_error>

#include "elf/error.h"
#include "src/descriptor.h"
#include "src/die_with_parent.h"
#include "src/size.h"

namespace spokeshave {

namespace {

using Clock = std::chrono::steady_clock;

/// More words than an error has; they fit into a pipe that nobody reads yet.
constexpr std::size_t kMostWords = 1000;

// ---------------------------------------------------------------- the child

void limit(decltype(RLIMIT_AS) resource, std::uint64_t value, std::uint64_t hard_value) {
  const rlimit limits{value, hard_value};
  ::setrlimit(resource, &limits);  // where it fails a lower limit is in force already
}

void limit_memory([[maybe_unused]] std::uint64_t more_bytes) {
#ifndef __SANITIZE_ADDRESS__
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;  // proc(5): the first number is the total
  const std::uint64_t most =
      pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + more_bytes;
  limit(RLIMIT_AS, most, most);
#endif
}

void restrict_child(const ChildLimits& limits) {
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_CPU, limits.seconds, limits.seconds + 1);  // SIGXCPU, which tells why; then SIGKILL
  limit_memory(limits.memory_bytes);
  // What abort() or malloc() have to say about a library is not for the user.
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) {
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
  }
}

void send_bytes(int pipe, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(pipe, bytes.data(), bytes.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) ::_exit(1);  // nobody is there to be told
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

void send_words(int pipe, std::string_view words) {
  send_bytes(pipe, std::as_bytes(std::span(words.substr(0, kMostWords))));
}

[[noreturn]] void be_the_child(pid_t parent, Pipe& data, Pipe& words,
                               const std::function<void(const SendBytes&)>& work,
                               const ChildLimits& limits) {
  die_with_parent(parent);
  data.read_end.close();  // or we should wait for ourselves to read what we write
  words.read_end.close();
  const int errors = words.write_end.get();
  try {
    restrict_child(limits);
    work([&](std::span<const std::byte> bytes) { send_bytes(data.write_end.get(), bytes); });
  } catch (const std::bad_alloc&) {
    send_words(errors,
               fmt::format("it takes more than {} of memory", format_size(limits.memory_bytes)));
  } catch (const elf::Error& error) {
    send_words(errors, error.offset() == 0
                           ? std::string(error.what())
                           : fmt::format("{} (offset {:#x})", error.what(), error.offset()));
  } catch (const std::exception& error) {
    send_words(errors, error.what());
  } catch (...) {
    send_words(errors, "an unknown exception");
  }
  ::_exit(0);  // not exit(): buffers and temporary files are the parent's
}

// --------------------------------------------------------------- the parent

/// The child did not send all that it should have: it has ended, or the time is over.
class Silence {};

class Child {
 public:
  Child(pid_t id, const Pipe& data, unsigned seconds)
      : id_(id),
        data_(data.read_end.get()),
        deadline_(Clock::now() + std::chrono::seconds(seconds)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (id_ > 0) ::kill(id_, SIGKILL);  // no effect on one that has ended
    wait();
  }

  void receive(std::span<std::byte> out) {
    while (!out.empty()) {
      wait_for_bytes();
      const ssize_t got = ::read(data_, out.data(), out.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw Silence();
      out = out.subspan(static_cast<std::size_t>(got));
    }
  }

  bool is_late() const { return late_; }

  /// Its wait status. Only for one that has closed its pipe, which it does by ending.
  int wait() {
    while (id_ > 0 && ::waitpid(id_, &status_, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    return status_;
  }

 private:
  void wait_for_bytes() {
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
      late_ = left <= 0;
      if (late_) throw Silence();
      pollfd wait{data_, POLLIN, 0};
      if (::poll(&wait, 1, static_cast<int>(std::min<long long>(left, 60'000))) > 0) return;
    }
  }

  pid_t id_;
  int data_;
  Clock::time_point deadline_;
  bool late_ = false;
  int status_ = 0;
};

std::string read_words(const Pipe& pipe) {
  std::string words(kMostWords, '\0');
  ssize_t size = 0;
  while ((size = ::read(pipe.read_end.get(), words.data(), words.size())) < 0 && errno == EINTR) {
  }
  words.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return words;
}

std::string why_silent(Child& child, const Pipe& words, const ChildLimits& limits) {
  std::string too_long = fmt::format("it takes more than {} s", limits.seconds);
  if (child.is_late()) return too_long;
  const int status = child.wait();
  if (std::string said = read_words(words); !said.empty()) return said;
  if (!WIFSIGNALED(status)) return "it breaks off";
  if (WTERMSIG(status) == SIGXCPU) return too_long;
  return fmt::format("it crashes ({})", ::strsignal(WTERMSIG(status)));
}

}  // namespace

std::optional<std::string> run_in_child(const std::function<void(const SendBytes&)>& work,
                                        const std::function<void(const ReceiveBytes&)>& take,
                                        const ChildLimits& limits) {
  Pipe data = make_pipe();  // what the child sends goes one way, the words of its error another
  Pipe words = make_pipe();
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (id == 0) be_the_child(parent, data, words, work, limits);
  data.write_end.close();
  words.write_end.close();
  Child child(id, data, 4 * limits.seconds);
  try {
    take([&](std::span<std::byte> out) { child.receive(out); });
    return std::nullopt;
  } catch (const Silence&) {
    return why_silent(child, words, limits);
  }
}

}  // namespace spokeshave
