#include "src/graphviz.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "src/die_with_parent.h"
#include "src/failure.h"

namespace spokeshave {

namespace {

using Clock = std::chrono::steady_clock;

// A graph out of a hostile wheel must not take the machine's memory; thousands of boxes take 1 GB.
constexpr rlim_t kMostMemory = 4ULL << 30U;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// An open file. Never 0, 1 or 2, even where this process was started without them: dup2 onto
/// itself would leave it closed in the child.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {
    if (number >= 0 && number <= 2) {
      number_ = fcntl(number, F_DUPFD_CLOEXEC, 3);
      ::close(number);
    }
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { close(); }
  int get() const { return number_; }
  void close() {
    if (number_ >= 0) {
      ::close(number_);
    }
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw_errno("pipe");
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// A file in memory: unlike a pipe it takes any amount of text before anybody reads.
Descriptor memory_file(const std::string& text) {
  Descriptor file(memfd_create("spokeshave", MFD_CLOEXEC));
  if (file.get() < 0) {
    throw_errno("memfd_create");
  }
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = write(file.get(), text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) {
      throw_errno("writing to memory");
    }
    done += count < 0 ? 0 : static_cast<std::size_t>(count);
  }
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

/// This process's environment, but for what changes how numbers are written.
std::vector<std::string> plain_environment() {
  std::vector<std::string> result = {"LC_ALL=C"};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, "LC_ALL=", 7) != 0) {
      result.emplace_back(*entry);
    }
  }
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (auto& text : strings) {
    result.push_back(text.data());
  }
  result.push_back(nullptr);
  return result;
}

/// A running `dot -Tsvg`. fork and not posix_spawn, which cannot ask to die with its parent: a
/// signal to us alone would leave it running.
class Dot {
 public:
  explicit Dot(const std::string& text)
      : in_(memory_file(text)), err_(memory_file("")), out_(make_pipe()), trouble_(make_pipe()) {
    std::vector<std::string> words = {"dot", "-Tsvg"};
    std::vector<std::string> variables = plain_environment();
    const std::vector<char*> arguments = pointers(words);
    const std::vector<char*> environment = pointers(variables);
    const pid_t parent = getpid();
    child_ = fork();
    if (child_ < 0) {
      throw_errno("fork");
    }
    if (child_ == 0) {
      become_dot(parent, arguments.data(), environment.data());
    }
    out_.write_end.close();
    trouble_.write_end.close();
  }
  Dot(const Dot&) = delete;
  Dot& operator=(const Dot&) = delete;
  ~Dot() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      wait_for_end();
    }
  }

  /// The error that kept it from starting; 0 where it runs.
  int start_error() const {
    int error = 0;
    while (read(trouble_.read_end.get(), &error, sizeof error) < 0 && errno == EINTR) {
    }
    return error;
  }

  /// All that it writes to stdout; false where `deadline` comes first.
  bool read_all(std::string& text, Clock::time_point deadline) const {
    pollfd waiting{out_.read_end.get(), POLLIN, 0};
    std::array<char, 65536> buffer{};
    while (true) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) {
        return false;
      }
      if (poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
        continue;  // the time is over, or a signal came
      }
      const ssize_t count = read(waiting.fd, buffer.data(), buffer.size());
      if (count == 0) {
        return true;
      }
      if (count < 0 && errno != EINTR) {
        throw_errno("reading from dot");
      }
      text.append(buffer.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
    }
  }

  /// How it ended, as waitpid(2) tells.
  int wait_for_end() {
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
    return status;
  }

  std::string first_error_line() const {
    std::array<char, 400> buffer{};
    const ssize_t count = pread(err_.get(), buffer.data(), buffer.size(), 0);
    const std::string text(buffer.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
    return text.substr(0, text.find('\n'));
  }

 private:
  /// In the child: only calls that are safe between fork and exec.
  [[noreturn]] void become_dot(pid_t parent, char* const* arguments,
                               char* const* environment) const {
    die_with_parent(parent);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      std::signal(number, SIG_DFL);
    }
    const rlimit memory{kMostMemory, kMostMemory};
    setrlimit(RLIMIT_AS, &memory);
    if (dup2(in_.get(), 0) == 0 && dup2(out_.write_end.get(), 1) == 1 && dup2(err_.get(), 2) == 2) {
      execvpe(arguments[0], arguments, environment);
    }
    const int error = errno;
    [[maybe_unused]] const ssize_t ignored = write(trouble_.write_end.get(), &error, sizeof error);
    _exit(127);
  }

  Descriptor in_;
  Descriptor err_;
  Pipe out_;
  Pipe trouble_;  ///< closed by exec; carries errno where there is none
  pid_t child_ = -1;
};

Failure cannot_draw(const std::string& cause, const std::string& hint) {
  return {ExitCode::kFailed, "cannot draw the graph", cause, hint};
}

constexpr const char* kOtherWays = "--graph=tree, dot or json, which need nothing";

Failure cannot_start(int error) {
  if (error == ENOENT) {
    return cannot_draw("there is no program `dot` on PATH: Graphviz draws the pictures",
                       fmt::format("install graphviz, or use {}", kOtherWays));
  }
  return cannot_draw(
      fmt::format("`dot` does not start: {}", std::generic_category().message(error)),
      fmt::format("mend the installation of graphviz, or use {}", kOtherWays));
}

std::string how_it_ended(int status, const std::string& said) {
  const std::string end = WIFSIGNALED(status)
                              ? fmt::format("`dot` was ended by signal {}", WTERMSIG(status))
                              : fmt::format("`dot` ended with status {}", WEXITSTATUS(status));
  return said.empty() ? end : fmt::format("{}: {}", end, said);
}

}  // namespace

std::string graphviz_svg(const std::string& dot_text, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  Dot dot(dot_text);
  if (const int error = dot.start_error(); error != 0) {
    throw cannot_start(error);
  }
  std::string svg;
  if (!dot.read_all(svg, deadline)) {
    throw cannot_draw(fmt::format("`dot` had not laid it out after {} s",
                                  std::chrono::duration<double>(limit).count()),
                      fmt::format("look at fewer wheels at once, or use {}", kOtherWays));
  }
  const int status = dot.wait_for_end();
  if (status != 0) {
    throw cannot_draw(how_it_ended(status, dot.first_error_line()),
                      fmt::format("update graphviz, or use {}", kOtherWays));
  }
  if (svg.find("<svg") == std::string::npos) {
    throw cannot_draw("`dot` gave no picture",
                      fmt::format("update graphviz, or use {}", kOtherWays));
  }
  return svg;
}

}  // namespace spokeshave
