#include "src/graphviz.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "src/failure.h"

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using spokeshave::Failure;
using testing::HasSubstr;

/// A PATH with a folder of its own in front, or with nothing else.
class Graphviz : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / fmt::format("graphviz_test.{}", getpid());
    fs::create_directories(folder_);
    old_path_ = std::getenv("PATH");
  }
  void TearDown() override {
    setenv("PATH", old_path_.c_str(), 1);
    fs::remove_all(folder_);
  }

  /// From here on `dot` is this shell script.
  void dot_is(const std::string& script) {
    std::ofstream(folder_ / "dot") << "#!/bin/sh\n" << script;
    fs::permissions(folder_ / "dot", fs::perms::owner_all);
    setenv("PATH", (folder_.string() + ":" + old_path_).c_str(), 1);
  }
  void no_dot() { setenv("PATH", folder_.c_str(), 1); }

  /// The process that a script of ours noted; waits for the note.
  pid_t noted() {
    pid_t process = 0;
    for (int i = 0; i < 500 && process == 0; ++i) {
      std::this_thread::sleep_for(10ms);
      std::ifstream(folder_ / "pid") >> process;
    }
    return process;
  }

  fs::path folder_;
  std::string old_path_;
};

Failure failure_of(const std::string& dot, std::chrono::milliseconds limit = 20s) {
  try {
    spokeshave::graphviz_svg(dot, limit);
  } catch (const Failure& failure) {
    return failure;
  }
  ADD_FAILURE() << "no failure";
  return {spokeshave::ExitCode::kDone, "", "", ""};
}

/// Gone, or dead and only not yet waited for.
bool ends(pid_t process) {
  for (int i = 0; i < 500; ++i) {
    std::ifstream status(fmt::format("/proc/{}/stat", process));
    std::string word;
    if (!(status >> word >> word >> word) || word == "Z") return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST_F(Graphviz, DrawsAGraph) {
  const std::string svg = spokeshave::graphviz_svg("digraph g { a -> b [id=edge_1]; }");
  EXPECT_THAT(svg, HasSubstr("<svg"));
  EXPECT_THAT(svg, HasSubstr("id=\"edge_1\""));
  EXPECT_THAT(svg, HasSubstr("</svg>"));
}

TEST_F(Graphviz, WithoutGraphvizItSaysWhatToInstallAndWhatNeedsNothing) {
  no_dot();
  EXPECT_EQ(spokeshave::to_text(failure_of("digraph g {}")),
            "error: cannot draw the graph\n"
            "  caused by: there is no program `dot` on PATH: Graphviz draws the pictures\n"
            "hint: install graphviz, or use --graph=tree, dot or json, which need nothing\n");
}

TEST_F(Graphviz, AProgramThatDoesNotStartIsNoProgramThatIsAbsent) {
  dot_is("");
  fs::permissions(folder_ / "dot", fs::perms::owner_read);
  no_dot();
  const Failure failure = failure_of("digraph g {}");
  EXPECT_THAT(failure.cause(), HasSubstr("does not start: Permission denied"));
  EXPECT_EQ(failure.code(), spokeshave::ExitCode::kFailed);
}

TEST_F(Graphviz, WhatItSaysWhenItFailsIsTheCause) {
  dot_is("echo 'Error: <stdin>: syntax error in line 1' >&2; echo more >&2; exit 3");
  EXPECT_EQ(failure_of("digraph").cause(),
            "`dot` ended with status 3: Error: <stdin>: syntax error in line 1");
}

TEST_F(Graphviz, ASyntaxErrorIsAFailure) {
  EXPECT_THAT(failure_of("digraph {").cause(), HasSubstr("syntax error"));
}

TEST_F(Graphviz, ASignalThatEndsItIsTheCause) {
  dot_is("kill -SEGV $$");
  EXPECT_THAT(failure_of("digraph g {}").cause(), HasSubstr("ended by signal 11"));
}

TEST_F(Graphviz, SuccessWithoutAPictureIsAFailure) {
  dot_is("exit 0");
  EXPECT_THAT(failure_of("digraph g {}").cause(), HasSubstr("gave no picture"));
}

TEST_F(Graphviz, WhatTakesTooLongIsKilled) {
  dot_is(fmt::format("echo '<svg'; echo $$ > {}/pid; exec sleep 100", folder_.string()));
  const auto begin = std::chrono::steady_clock::now();
  const Failure failure = failure_of("digraph g {}", 400ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
  EXPECT_EQ(failure.cause(), "`dot` had not laid it out after 0.4 s");
  EXPECT_THAT(failure.hint(), HasSubstr("fewer wheels"));
  EXPECT_TRUE(ends(noted()));
}

TEST_F(Graphviz, ManyMegabytesInAndOutStandInNobodysWay) {
  // It reads its input only when all its output is written, and complains without end meanwhile.
  dot_is("echo '<svg'; head -c 20000000 /dev/zero; head -c 5000000 /dev/zero >&2; wc -c");
  const std::string svg = spokeshave::graphviz_svg(std::string(9'000'000, ' '), 60s);
  EXPECT_EQ(svg.size(), 5 + 20'000'000 + 8);
  EXPECT_TRUE(svg.ends_with("9000000\n"));
}

TEST_F(Graphviz, AnInputThatIsNeverReadIsNoTrouble) {
  dot_is("echo '<svg/>'");
  EXPECT_EQ(spokeshave::graphviz_svg(std::string(9'000'000, ' ')), "<svg/>\n");
}

TEST_F(Graphviz, NumbersAreWrittenWithAPointWhateverTheLocale) {
  dot_is("echo \"<svg $LC_ALL\"; env | grep -c ^LC_ALL=");
  setenv("LC_ALL", "de_DE.UTF-8", 1);
  EXPECT_EQ(spokeshave::graphviz_svg("digraph g {}"), "<svg C\n1\n");
  unsetenv("LC_ALL");
}

TEST_F(Graphviz, ItEndsWithTheProgramWhateverEndsThat) {
  for (const int signal : {SIGTERM, SIGKILL, SIGINT}) {
    fs::remove(folder_ / "pid");
    dot_is(fmt::format("echo $$ > {}/pid; exec sleep 100", folder_.string()));
    const pid_t program = fork();
    if (program == 0) {
      spokeshave::graphviz_svg("digraph g {}");
      _exit(0);
    }
    const pid_t dot = noted();
    kill(program, signal);  // to it alone, not to the process group as Ctrl-C does
    waitpid(program, nullptr, 0);
    EXPECT_TRUE(ends(dot)) << signal;
  }
}

}  // namespace
