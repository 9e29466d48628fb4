#include "src/program_run.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "src/descriptor.h"
#include "src/die_with_parent.h"

namespace spokeshave {

namespace {

using Clock = std::chrono::steady_clock;

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (auto& text : strings) {
    result.push_back(text.data());
  }
  result.push_back(nullptr);
  return result;
}

void limit(decltype(RLIMIT_AS) resource, std::uint64_t value) {
  const rlimit limits{value, value};
  setrlimit(resource, &limits);  // where it fails a lower limit is in force already
}

/// fork and not posix_spawn, which cannot ask to die with its parent: a signal to us alone would
/// leave the program running.
class RunningProgram {
 public:
  explicit RunningProgram(const ProgramCall& call)
      : in_(memory_file(call.input)),
        err_(memory_file("")),
        out_(make_pipe()),
        trouble_(make_pipe()) {
    std::vector<std::string> words = call.words;
    std::vector<std::string> variables = call.environment;
    const std::vector<char*> arguments = pointers(words);
    const std::vector<char*> environment = pointers(variables);
    const pid_t parent = getpid();
    child_ = fork();
    if (child_ < 0) {
      throw_errno("fork");
    }
    if (child_ == 0) {
      become_it(parent, call, arguments.data(), environment.data());
    }
    setpgid(child_, child_);  // the child does so as well: whoever is first
    out_.write_end.close();
    trouble_.write_end.close();
  }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram() {
    if (child_ > 0) {
      kill(-child_, SIGKILL);
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

  void read_all(ProgramEnd& end, const ProgramLimits& limits, Clock::time_point deadline) const {
    pollfd waiting{out_.read_end.get(), POLLIN, 0};
    std::array<char, 65536> buffer{};
    while (true) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      end.was_late = left.count() <= 0;
      end.said_too_much = end.out.size() > limits.output_bytes;
      if (end.was_late || end.said_too_much) {
        return;
      }
      if (poll(&waiting, 1, static_cast<int>(std::min<long long>(left.count(), 60'000))) <= 0) {
        continue;  // the time is over, or a signal came
      }
      const ssize_t count = read(waiting.fd, buffer.data(), buffer.size());
      if (count == 0) {
        return;
      }
      if (count < 0 && errno != EINTR) {
        throw_errno("reading from a program");
      }
      end.out.append(buffer.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
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
  [[noreturn]] void become_it(pid_t parent, const ProgramCall& call, char* const* arguments,
                              char* const* environment) const {
    die_with_parent(parent);
    setpgid(0, 0);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      std::signal(number, SIG_DFL);
    }
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_AS, call.limits.memory_bytes);
    limit(RLIMIT_FSIZE, call.limits.file_bytes);
    if (dup2(in_.get(), 0) == 0 && dup2(out_.write_end.get(), 1) == 1 && dup2(err_.get(), 2) == 2 &&
        (call.folder.empty() || chdir(call.folder.c_str()) == 0)) {
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

}  // namespace

std::string how_it_ended(const std::string& program, const ProgramEnd& end) {
  const std::string how =
      WIFSIGNALED(end.status)
          ? fmt::format("`{}` was ended by signal {}", program, WTERMSIG(end.status))
          : fmt::format("`{}` ended with status {}", program, WEXITSTATUS(end.status));
  return end.first_error_line.empty() ? how : fmt::format("{}: {}", how, end.first_error_line);
}

std::vector<std::string> plain_environment(const std::vector<std::string>& without) {
  std::vector<std::string> result = {"LC_ALL=C"};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const std::string_view name = variable.substr(0, variable.find('='));
    if (name != "LC_ALL" && std::find(without.begin(), without.end(), name) == without.end()) {
      result.emplace_back(variable);
    }
  }
  return result;
}

ProgramEnd run_program(const ProgramCall& call) {
  const auto deadline = Clock::now() + call.limits.time;
  RunningProgram program(call);
  ProgramEnd end;
  end.start_error = program.start_error();
  if (end.start_error != 0) {
    return end;
  }
  program.read_all(end, call.limits, deadline);
  if (!end.was_late && !end.said_too_much) {
    end.status = program.wait_for_end();
  }
  end.first_error_line = program.first_error_line();
  return end;
}

}  // namespace spokeshave
