#include "src/output_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <system_error>

#include "tests/support/temp_dir.h"

namespace spokeshave {
namespace {

namespace fs = std::filesystem;

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const OutputFile& file, const std::string& text) {
  ASSERT_EQ(::write(file.descriptor(), text.data(), text.size()),
            static_cast<ssize_t>(text.size()));
}

/// Both ways: a nameless file, and a hidden one where the file system knows no nameless ones.
class OutputFileTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) ::setenv("SPOKESHAVE_NO_TMPFILE", "1", 1);
  }
  void TearDown() override { ::unsetenv("SPOKESHAVE_NO_TMPFILE"); }
  std::string folder() const { return dir_.path().string(); }
  std::string path(const char* name) const { return (dir_ / name).string(); }

  support::TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(BothWays, OutputFileTest, testing::Values(false, true),
                         [](const auto& tested) { return tested.param ? "Hidden" : "Nameless"; });

TEST_P(OutputFileTest, HasNoNameUntilItIsPublished) {
  OutputFile file(folder());
  write_text(file, "content");
  for (const auto& name : names_in(dir_.path())) {
    EXPECT_TRUE(GetParam() && name.starts_with(".spokeshave-")) << name;
  }
  file.publish(path("a.whl"), false);
  EXPECT_EQ(content_of(path("a.whl")), "content");
}

TEST_P(OutputFileTest, OnlyThePublishedNameRemains) {
  {
    OutputFile file(folder());
    write_text(file, "content");
    file.publish(path("a.whl"), false);
  }
  EXPECT_EQ(names_in(dir_.path()), std::set<std::string>{"a.whl"});
  EXPECT_EQ(content_of(path("a.whl")), "content");
}

TEST_P(OutputFileTest, OneThatIsNotPublishedLeavesNothing) {
  {
    OutputFile file(folder());
    write_text(file, "content");
    OutputFile moved(std::move(file));
    write_text(moved, "more");
  }
  EXPECT_EQ(names_in(dir_.path()), std::set<std::string>{});
}

TEST_P(OutputFileTest, AFileOfThatNameIsNotTouched) {
  std::ofstream(path("a.whl")) << "old";
  OutputFile file(folder());
  write_text(file, "new");
  try {
    file.publish(path("a.whl"), false);
    ADD_FAILURE() << "was published";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::file_exists);
    EXPECT_NE(std::string(error.what()).find("a.whl"), std::string::npos);
  }
  EXPECT_EQ(content_of(path("a.whl")), "old");
}

TEST_P(OutputFileTest, OverwriteReplacesIt) {
  std::ofstream(path("a.whl")) << "old and longer";
  {
    OutputFile file(folder());
    write_text(file, "new");
    file.publish(path("a.whl"), true);
  }
  EXPECT_EQ(content_of(path("a.whl")), "new");
  EXPECT_EQ(names_in(dir_.path()), std::set<std::string>{"a.whl"});
}

TEST_P(OutputFileTest, OverwriteWithoutAnOldFilePublishes) {
  {
    OutputFile file(folder());
    write_text(file, "new");
    file.publish(path("a.whl"), true);
  }
  EXPECT_EQ(names_in(dir_.path()), std::set<std::string>{"a.whl"});
}

TEST_P(OutputFileTest, AFolderIsNotOverwrittenAndNothingIsLeft) {
  fs::create_directory(path("a.whl"));
  {
    OutputFile file(folder());
    EXPECT_THROW(file.publish(path("a.whl"), true), std::system_error);
  }
  EXPECT_EQ(names_in(dir_.path()), std::set<std::string>{"a.whl"});
}

TEST_P(OutputFileTest, HasTheModeThatTheUmaskLeaves) {
  const mode_t old = ::umask(027);
  OutputFile file(folder());
  ::umask(old);
  file.publish(path("a.whl"), false);
  struct stat status {};
  ASSERT_EQ(::stat(path("a.whl").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
}

TEST_P(OutputFileTest, AFolderThatIsNotThereIsAnErrorThatNamesIt) {
  try {
    OutputFile file(path("missing"));
    ADD_FAILURE() << "was opened";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    EXPECT_NE(std::string(error.what()).find("missing"), std::string::npos);
  }
}

/// A child that holds an unfinished file and waits. Returns its id once the file is there.
pid_t child_with_a_file(const std::string& folder) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    const OutputFile file(folder);
    const OutputFile second(folder);
    static_cast<void>(::write(ends[1], "x", 1));
    while (true) ::pause();
  }
  char letter = 0;
  EXPECT_EQ(::read(ends[0], &letter, 1), 1);
  ::close(ends[0]);
  ::close(ends[1]);
  return child;
}

TEST_P(OutputFileTest, ASignalThatEndsTheProgramLeavesNothing) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const pid_t child = child_with_a_file(folder());
    ASSERT_GT(child, 0);
    EXPECT_EQ(names_in(dir_.path()).size(), GetParam() ? 2u : 0u);
    ::kill(child, signal);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), signal);
    EXPECT_EQ(names_in(dir_.path()), std::set<std::string>{}) << "after signal " << signal;
  }
}

TEST_P(OutputFileTest, ASignalThatIsIgnoredStaysIgnored) {
  const auto old = ::signal(SIGHUP, SIG_IGN);
  const pid_t child = child_with_a_file(folder());
  ::signal(SIGHUP, old);
  ASSERT_GT(child, 0);
  ::kill(child, SIGHUP);
  ::usleep(50'000);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, WNOHANG), 0) << "ended by SIGHUP";
  ::kill(child, SIGTERM);
  ::waitpid(child, &status, 0);
  EXPECT_EQ(names_in(dir_.path()), std::set<std::string>{});
}

}  // namespace
}  // namespace spokeshave
