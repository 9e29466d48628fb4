#include "src/symbol_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <fstream>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "elf/error.h"
#include "src/member_source.h"
#include "src/size.h"
#include "src/symbol_transfer.h"
#include "wheel/member_stream.h"

namespace spokeshave {

namespace {

using Clock = std::chrono::steady_clock;

/// The first byte of what the child sends: a listing follows, or the words of an error.
enum class Kind : std::uint8_t { kListing = 'L', kError = 'E' };
constexpr std::size_t kMostWords = 1000;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  int get() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

// ---------------------------------------------------------------- the child

void limit(decltype(RLIMIT_AS) resource, std::uint64_t value, std::uint64_t hard_value) {
  const rlimit limits{value, hard_value};
  ::setrlimit(resource, &limits);  // where it fails a lower limit is in force already
}

std::uint64_t address_space_now() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;  // proc(5): the first number is the total
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void restrict_child(const ReadingLimits& limits) {
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_CPU, limits.seconds, limits.seconds + 1);  // SIGXCPU, which tells why; then SIGKILL
#ifndef __SANITIZE_ADDRESS__
  const std::uint64_t most = address_space_now() + limits.memory_bytes;
  limit(RLIMIT_AS, most, most);
#endif
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

void send_kind(int pipe, Kind kind) {
  send_bytes(pipe, std::as_bytes(std::span(&kind, 1)));
}

void send_error(int pipe, std::string_view words) {
  send_kind(pipe, Kind::kError);
  send_bytes(pipe, std::as_bytes(std::span(words.substr(0, kMostWords))));
}

void list_and_send(int pipe, const std::function<elf::SymbolListing()>& list) {
  const elf::SymbolListing listing = list();
  send_kind(pipe, Kind::kListing);
  send_listing(listing, [&](std::span<const std::byte> bytes) { send_bytes(pipe, bytes); });
}

[[noreturn]] void be_the_child(int pipe, const std::function<elf::SymbolListing()>& list,
                               const ReadingLimits& limits) {
  try {
    restrict_child(limits);
    list_and_send(pipe, list);
  } catch (const std::bad_alloc&) {
    send_error(pipe, fmt::format("it takes more than {} of memory to read",
                                 format_size(limits.memory_bytes)));
  } catch (const elf::Error& error) {
    send_error(pipe, error.offset() == 0
                         ? std::string(error.what())
                         : fmt::format("{} (offset {:#x})", error.what(), error.offset()));
  } catch (const std::exception& error) {
    send_error(pipe, error.what());
  } catch (...) {
    send_error(pipe, "reading it fails");
  }
  ::_exit(0);  // not exit(): buffers and temporary files are the parent's
}

// --------------------------------------------------------------- the parent

/// The child did not say all that it should have: it has ended, or the time is over.
class Silence : public std::exception {};

class Child {
 public:
  Child(pid_t id, int pipe, unsigned seconds)
      : id_(id), pipe_(pipe), deadline_(Clock::now() + std::chrono::seconds(seconds)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  void receive(std::span<std::byte> out) {
    while (!out.empty()) {
      const std::size_t got = receive_some(out);
      if (got == 0) throw Silence();
      out = out.subspan(got);
    }
  }

  std::string receive_words() {
    std::string words(kMostWords, '\0');
    std::size_t size = 0;
    while (const std::size_t got =
               receive_some(std::as_writable_bytes(std::span(words)).subspan(size))) {
      size += got;
    }
    words.resize(size);
    return words;
  }

  bool is_late() const { return late_; }

  /// Ends the child where it has not ended itself; its wait status.
  int end() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);  // no effect on one that has ended
      while (::waitpid(id_, &status_, 0) < 0 && errno == EINTR) {
      }
      id_ = 0;
    }
    return status_;
  }

  /// Waits for a child that has closed its end of the pipe, which it does by ending.
  int wait_for_end() {
    if (id_ > 0 && !late_) {
      while (::waitpid(id_, &status_, 0) < 0 && errno == EINTR) {
      }
      id_ = 0;
    }
    return end();
  }

 private:
  /// How many bytes came; 0 at the end.
  std::size_t receive_some(std::span<std::byte> out) {
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
      late_ = left <= 0;
      if (late_) throw Silence();
      pollfd wait{pipe_, POLLIN, 0};
      if (::poll(&wait, 1, static_cast<int>(std::min<long long>(left, 60'000))) <= 0) continue;
      const ssize_t got = ::read(pipe_, out.data(), out.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return 0;
    }
  }

  pid_t id_;
  int pipe_;
  Clock::time_point deadline_;
  bool late_ = false;
  int status_ = 0;
};

std::string how_it_ended(Child& child, const ReadingLimits& limits) {
  const int status = child.wait_for_end();
  if (child.is_late() || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)) {
    return fmt::format("it takes more than {} s to read", limits.seconds);
  }
  if (WIFSIGNALED(status)) {
    return fmt::format("reading it crashes ({})", ::strsignal(WTERMSIG(status)));
  }
  return "reading it breaks off";
}

SymbolReading hear(Child& child, const ReadingLimits& limits) {
  try {
    std::array<std::byte, 1> kind{};
    child.receive(kind);
    if (static_cast<Kind>(kind[0]) == Kind::kError) return child.receive_words();
    return receive_listing([&](std::span<std::byte> out) { child.receive(out); },
                           limits.memory_bytes);
  } catch (const Silence&) {
    return how_it_ended(child, limits);
  } catch (const BadTransfer& error) {
    return std::string(error.what());
  }
}

}  // namespace

ReadingLimits reading_limits(std::uint64_t library_bytes) {
  constexpr std::uint64_t kLeastMemory = std::uint64_t{256} << 20;
  constexpr unsigned kLeastSeconds = 20;
  constexpr std::uint64_t kSlowest = 20'000'000;  // bytes a second
  return {kLeastMemory + 4 * library_bytes,
          kLeastSeconds + static_cast<unsigned>(library_bytes / kSlowest)};
}

SymbolReading read_in_child(const std::function<elf::SymbolListing()>& list,
                            const ReadingLimits& limits) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const pid_t id = ::fork();
  if (id < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (id == 0) be_the_child(writing.get(), list, limits);
  writing.close();
  Child child(id, reading.get(), 4 * limits.seconds);
  return hear(child, limits);
}

SymbolReading read_symbols(const wheel::Archive& archive, const Library& library) {
  return read_in_child(
      [&] {
        wheel::MemberStream stream(archive, *archive.find(library.member));
        MemberSource source(stream);
        return elf::list_symbols(source, library.image);
      },
      reading_limits(library.size));
}

}  // namespace spokeshave
