// usage: measure DESCRIPTOR COMMAND...
// Runs a command as a whole process and writes to the open file DESCRIPTOR: its seconds, its
// seconds of processor time, its peak memory in KiB (its own or that of its largest child) and its
// exit status. A program of its own, since Linux counts what a process was before exec() among its
// peak memory (setmax_mm_hiwater_rss): started from Python, nothing would take less than Python.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

extern char** environ;

namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: measure DESCRIPTOR COMMAND...\n", stderr);
    return 2;
  }
  FILE* report = fdopen(std::atoi(argv[1]), "w");
  if (report == nullptr) {
    std::perror("measure");
    return 3;
  }
  fcntl(fileno(report), F_SETFD, FD_CLOEXEC);  // not the command's business
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (const int failed = posix_spawnp(&child, argv[2], nullptr, nullptr, argv + 2, environ);
      failed != 0) {
    std::fprintf(stderr, "measure: cannot run %s (error %d)\n", argv[2], failed);
    return 3;
  }
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child) {
    std::perror("measure");
    return 3;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::fprintf(report, "%.6f %.6f %ld %d\n", took.count(),
               seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss, code);
  return std::fclose(report) == 0 ? 0 : 3;
}
