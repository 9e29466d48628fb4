#include "src/signal_cleanup.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp_dir.h"

namespace spokeshave {
namespace {

namespace fs = std::filesystem;

/// Makes the file, and remembers it.
void make(const fs::path& path) {
  std::ofstream(path) << "x";
  remove_on_signal(path.string());
}

/// What a child does that is ended by `signal` then.
template <typename Work>
void end_by(int signal, Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    std::raise(signal);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal);
}

TEST(RemoveOnSignal, TakesAnyNumberOfFilesAndFoldersAway) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const support::TempDir dir;
    end_by(signal, [&] {
      for (int i = 0; i < 500; ++i) make(dir / std::to_string(i));
      make(dir / std::string(255, 'x'));
      fs::create_directory(dir / "folder");
      std::ofstream(dir / "folder" / "file") << "x";
      remove_on_signal((dir / "folder").string());
    });
    EXPECT_TRUE(fs::is_empty(dir.path())) << signal;
  }
}

TEST(RemoveOnSignal, LeavesWhatIsToStayAlsoWhereOthersTookItsSlot) {
  const support::TempDir dir;
  end_by(SIGTERM, [&] {
    for (int i = 0; i < 100; ++i) {
      make(dir / std::to_string(i));
      keep_on_signal((dir / std::to_string(i)).string());
    }
    make(dir / "short");
    make(dir / std::string(200, 'y'));
  });
  std::size_t left = 0;
  for (const auto& entry : fs::directory_iterator(dir.path())) {
    EXPECT_LT(entry.path().filename().string().size(), 3u);
    ++left;
  }
  EXPECT_EQ(left, 100u);
}

TEST(HoldSignals, MakesThemWaitUntilItGoes) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    const support::TempDir dir;
    const pid_t child = ::fork();
    if (child == 0) {
      {
        const HoldSignals hold;
        std::raise(signal);
        std::ofstream(dir / "was_here") << "x";
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal);
    EXPECT_TRUE(fs::exists(dir / "was_here"));
  }
}

}  // namespace
}  // namespace spokeshave
