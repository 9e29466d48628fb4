#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <system_error>
#include <vector>

extern char** environ;

namespace support {

/// What became of a program: its exit status (128 + signal where one killed it, 127 where it could
/// not be started) and all that it wrote.
struct ProgramResult {
  int status = 0;
  std::string out;
  std::string err;
};

namespace detail {

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe2");
    }
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
};

inline std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

inline std::vector<std::string> merged_environment(const std::map<std::string, std::string>& env) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!env.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : env) result.push_back(name + "=" + value);
  return result;
}

/// Reads both pipes to their ends; false when the time is over first.
inline bool drain(Pipe& out, Pipe& err, ProgramResult& result, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const std::array<std::string*, 2> texts{&result.out, &result.err};
  std::array<pollfd, 2> fds{pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    ::poll(fds.data(), fds.size(), static_cast<int>(left.count()));
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      std::array<char, 65536> buffer;
      const ssize_t count = ::read(fds[i].fd, buffer.data(), buffer.size());
      if (count > 0) texts[i]->append(buffer.data(), static_cast<std::size_t>(count));
      if (count == 0 || (count < 0 && errno != EINTR)) fds[i].fd = -1;
    }
  }
  return true;
}

}  // namespace detail

/// Runs a program found on PATH to its end; nothing on stdin. `env` comes on top of this process's
/// environment, `folder` is where it runs (empty: here). A program that takes longer than `limit`
/// is killed (status 137).
inline ProgramResult run_program(std::vector<std::string> argv,
                                 const std::map<std::string, std::string>& env = {},
                                 const std::string& folder = {},
                                 std::chrono::seconds limit = std::chrono::seconds(120)) {
  detail::Pipe out;
  detail::Pipe err;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.ends[1], 1);
  ::posix_spawn_file_actions_adddup2(&actions, err.ends[1], 2);
  if (!folder.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());

  std::vector<std::string> environment = detail::merged_environment(env);
  ProgramResult result;
  pid_t child = 0;
  const int failure =
      ::posix_spawnp(&child, argv.at(0).c_str(), &actions, nullptr, detail::pointers(argv).data(),
                     detail::pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) {
    result.status = 127;
    result.err = argv[0] + ": " + std::generic_category().message(failure);
    return result;
  }
  out.close_end(1);
  err.close_end(1);
  if (!detail::drain(out, err, result, limit)) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace support
