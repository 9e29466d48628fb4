#include "src/program_run.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>

namespace spokeshave {
namespace {

using namespace std::chrono_literals;

// How it ends with this program, and what large inputs and outputs do: graphviz_test.cpp.

ProgramCall shell(const std::string& script) {
  return {.words = {"sh", "-c", script},
          .input = {},
          .folder = {},
          .environment = plain_environment(),
          .limits = {}};
}

TEST(RunProgram, GivesWhatItSaysAndHowItEnds) {
  ProgramCall call = shell("cat; pwd; echo one >&2; echo two >&2; exit 3");
  call.input = "in\n";
  call.folder = "/";
  const ProgramEnd end = run_program(call);
  EXPECT_EQ(end.out, "in\n/\n");
  EXPECT_EQ(end.first_error_line, "one");
  EXPECT_EQ(WEXITSTATUS(end.status), 3);
  EXPECT_FALSE(end.succeeded());
  EXPECT_EQ(how_it_ended("sh", end), "`sh` ended with status 3: one");
}

TEST(RunProgram, NoShellReadsItsWords) {
  const ProgramEnd end = run_program({.words = {"printf", "%s|", "$HOME", "`id`", "a b", ""},
                                      .input = {},
                                      .folder = {},
                                      .environment = {},
                                      .limits = {}});
  EXPECT_EQ(end.out, "$HOME|`id`|a b||");
  EXPECT_TRUE(end.succeeded());
}

TEST(RunProgram, TheEnvironmentIsThatOfTheCall) {
  ProgramCall call = shell("echo $A$B$LC_ALL");
  ::setenv("A", "a", 1);
  ::setenv("B", "b", 1);
  call.environment = plain_environment({"A"});
  EXPECT_EQ(run_program(call).out, "bC\n");
  ::unsetenv("A");
  ::unsetenv("B");
}

TEST(RunProgram, WhatCannotStartIsToldByItsError) {
  EXPECT_EQ(run_program({.words = {"no-such-program"},
                         .input = {},
                         .folder = {},
                         .environment = {},
                         .limits = {}})
                .start_error,
            ENOENT);
  ProgramCall call = shell("true");
  call.folder = "/etc/passwd";
  EXPECT_EQ(run_program(call).start_error, ENOTDIR);
}

TEST(RunProgram, LimitsHold) {
  ProgramCall late = shell("sleep 100 & sleep 100");
  late.limits.time = 200ms;
  EXPECT_TRUE(run_program(late).was_late);
  ProgramCall loud = shell("yes");
  loud.limits.output_bytes = 1'000'000;
  EXPECT_TRUE(run_program(loud).said_too_much);
  ProgramCall large = shell("head -c 100000 /dev/zero > " + testing::TempDir() + "/large");
  large.limits.file_bytes = 1000;
  EXPECT_FALSE(run_program(large).succeeded());
  EXPECT_EQ(std::filesystem::file_size(testing::TempDir() + "/large"), 1000u);
  std::filesystem::remove(testing::TempDir() + "/large");
}

}  // namespace
}  // namespace spokeshave
