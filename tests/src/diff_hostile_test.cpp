// Diffs and programs that are up to no good: a clear error in a bounded time, and nothing outside
// of the private folder is touched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "src/patch_program.h"
#include "tests/support/diffed_wheel.h"

namespace spokeshave {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using support::content_of;
using support::DiffedWheel;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kTwo = "--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n";

DiffedWheel wheel_with(const std::string& diff) {
  DiffedWheel wheel({{"a", {"1\n2\n3\n", 0100644}}});
  wheel.with("x.patch", diff);
  return wheel;
}

/// A program in the place of GNU patch.
std::string script(const DiffedWheel& wheel, const std::string& text) {
  const fs::path path = wheel.dir() / "program";
  support::write_content(path, "#!/bin/sh\n" + text);
  fs::permissions(path, fs::perms::owner_all);
  return path.string();
}

TEST(HostileDiffs, AnEdScriptRunsNothing) {
  const support::TempDir dir;
  const std::string trace = (dir / "was_here").string();
  for (const std::string& ed : {"1a\n!touch " + trace + "\n.\n", "1c\nx\n.\n!touch " + trace + "\n",
                                "--- a/a\n+++ b/a\n1337a\n!touch " + trace + "\n.\n",
                                kTwo + ("0a\n!touch " + trace) + "\n.\n",
                                "diff -e a b\n--- a/a\n+++ b/a\n1d\n!touch " + trace + "\n"}) {
    EXPECT_THAT(wheel_with(ed).error(), HasSubstr("cannot read the diff `x.patch`")) << ed;
    EXPECT_FALSE(fs::exists(trace)) << ed;
  }
}

TEST(HostileDiffs, TextThatGnuPatchWouldHeedNeverReachesIt) {
  DiffedWheel wheel =
      wheel_with(std::string("Index: ../../x\nPrereq: 99\n") + kTwo + "Prereq: 7\n");
  EXPECT_EQ(wheel.patched().at("a").content, "1\ntwo\n3\n");
}

TEST(HostileDiffs, TheProgramSeesNoNameOfTheDiffAndNothingOfItButHunks) {
  DiffedWheel wheel({{"a/$(reboot).py", {"1\n2\n3\n", 0100644}}});
  wheel.with("x.patch",
             "Subject: secret\n\ndiff --git \"a/a/$(reboot).py\" \"b/a/$(reboot).py\"\nold mode "
             "100644\nnew mode 100755\n--- \"a/a/$(reboot).py\"\n+++ \"b/a/$(reboot).py\"\n"
             "@@ -1,3 +1,3 @@ context\n 1\n-2\n+two\n 3\n-- \n2.39\n");
  const std::string copy = (wheel.dir() / "copy").string();
  const std::string list = (wheel.dir() / "list").string();
  wheel.apply(1, script(wheel, "cp diff " + copy + "; ls > " + list + "; exec patch \"$@\""));
  EXPECT_EQ(content_of(copy), "--- 0\n+++ 0\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n");
  EXPECT_EQ(content_of(list), "0\ndiff\n");
}

TEST(HostileDiffs, TheEnvironmentDoesNotChangeTheOutcome) {
  for (const char* variable : {"POSIXLY_CORRECT=1", "PATCH_GET=1", "VERSION_CONTROL=numbered",
                               "SIMPLE_BACKUP_SUFFIX=.x", "QUOTING_STYLE=c", "LANG=de_DE.UTF-8"}) {
    const std::string text = variable;
    const auto equals = text.find('=');
    const std::string name = text.substr(0, equals);
    ::setenv(name.c_str(), text.substr(equals + 1).c_str(), 1);
    DiffedWheel wheel = wheel_with("--- a/a\n+++ b/a\n@@ -2,3 +2,2 @@\n 1\n-2\n 3\n");
    EXPECT_EQ(wheel.apply().notes.size(), 1u) << variable;
    EXPECT_EQ(wheel.patched().at("a").content, "1\n3\n") << variable;
    ::unsetenv(name.c_str());
  }
}

TEST(HostileDiffs, ManyFilesManyTimesTakeABoundedTime) {
  std::string diff;
  for (int i = 0; i < 100; ++i) {
    diff += "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-2\n+1\n";
  }
  EXPECT_EQ(wheel_with(diff).apply().changes.size(), 0u);
}

TEST(HostileDiffs, ALineOfManyMegabytesIsALine) {
  const std::string line(20'000'000, 'x');
  DiffedWheel wheel = wheel_with("--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+" + line + "\n 3\n");
  EXPECT_EQ(wheel.patched().at("a").content, "1\n" + line + "\n3\n");
}

TEST(HostileDiffs, AHunkForALongFileOfEqualLinesIsRefusedInBoundedTime) {
  std::string content;
  for (int i = 0; i < 1'000'000; ++i) content += "x\n";
  DiffedWheel wheel({{"a", {content, 0100644}}});
  std::string hunk = "@@ -1,101 +1,101 @@\n";
  for (int i = 0; i < 100; ++i) hunk += " x\n";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(wheel.with("x.patch", "--- a/a\n+++ b/a\n" + hunk + "-y\n+z\n").error(),
              HasSubstr("hunk 1 of `a`"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 60s);
}

TEST(HostileDiffs, AMillionFilesAreTooMany) {
  std::string diff;
  for (int i = 0; i < 1'000'000; ++i) diff += "diff --git a/a b/a\nindex 1..2\n";
  EXPECT_THAT(wheel_with(diff).error(), HasSubstr("more than 100000 files"));
}

// ------------------------------------------------------------ the program

TEST(PatchProgram, OneThatIsNotThereIsToldWithWhatToInstall) {
  EXPECT_EQ(wheel_with(kTwo).error(1, "no-such-patch"),
            "error: cannot apply diffs with GNU patch\n"
            "  caused by: there is no program `no-such-patch`\n"
            "hint: install GNU patch (Debian's package `patch`), or name it with --patch-prog\n");
}

TEST(PatchProgram, ARelativePathIsOneFromHere) {
  DiffedWheel wheel = wheel_with(kTwo);
  const fs::path here = fs::current_path();
  const fs::path there = script(wheel, "exec patch \"$@\"");
  fs::current_path(there.parent_path());
  EXPECT_EQ(wheel.apply(1, "./program").changes.size(), 1u);
  fs::current_path(here);
}

TEST(PatchProgram, OneThatIsNotGnuPatchIsAnError) {
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {"echo 'unrecognized option --batch' >&2; exit 2",
            "ended with status 2: unrecognized option --batch"},
           {"kill -9 $$", "was ended by signal 9"},
           {"exit 1", "ended with status 1 and does not say why"},
           {"echo x > other", "left other files behind"},
           {"mkdir folder", "left other files behind"},
           {"rm 0", "left other files behind"},
           {"rm 0; ln -s /etc/passwd 0", "left other files behind"},
           {"rm 0; mkfifo 0", "left other files behind"},
           {"yes", "speaks without end"}}) {
    DiffedWheel wheel = wheel_with(kTwo);
    EXPECT_THAT(wheel.error(1, script(wheel, text)), HasSubstr(why)) << text;
  }
}

TEST(PatchProgram, OneThatIsLateIsToldWithTheDiffAndTheFile) {
  DiffedWheel wheel = wheel_with(kTwo);
  const std::string program = script(wheel, "exec sleep 60");
  const DiffReading reading = read_diff(kTwo, "x.patch", 1);
  const PrivateFolder folder(wheel.dir().path().string());
  try {
    run_patch_program(program, {{"1\n2\n3\n", &reading.files[0], "d/x.patch", "a"}}, folder, 100ms);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.what(), std::string("cannot apply the diff `d/x.patch` with GNU patch"));
    EXPECT_EQ(failure.cause(), "`" + program + "` has not done 1 hunks of `a` in 0.1 s");
  }
}

TEST(PatchProgram, OneThatDoesNothingAndSaysItDidIsFound) {
  DiffedWheel wheel = wheel_with(kTwo);
  EXPECT_THAT(wheel.error(1, script(wheel, "echo patching file 0")),
              HasSubstr("did not do what the diff says"));
}

/// Whether a process is gone, or dead and only not yet waited for.
bool ends(pid_t process) {
  for (int i = 0; i < 500; ++i) {
    std::ifstream status("/proc/" + std::to_string(process) + "/stat");
    std::string word;
    if (!(status >> word >> word >> word) || word == "Z") return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST(PatchProgram, ASignalEndsItAndTakesThePrivateFolderAway) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    DiffedWheel wheel = wheel_with(kTwo);
    const fs::path note = wheel.dir() / "pid";
    const std::string program =
        script(wheel, "echo $$ > " + note.string() + "; while :; do echo x > file; done");
    const pid_t child = ::fork();
    if (child == 0) {
      wheel.apply(1, program);
      ::_exit(0);
    }
    pid_t runs = 0;
    for (int i = 0; i < 500 && runs == 0; ++i) {
      std::this_thread::sleep_for(10ms);
      std::ifstream(note) >> runs;
    }
    EXPECT_FALSE(fs::is_empty(wheel.dir() / "scratch"));
    ::kill(child, signal);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal);
    EXPECT_TRUE(ends(runs));
    EXPECT_TRUE(fs::is_empty(wheel.dir() / "scratch")) << "after signal " << signal;
  }
}

TEST(PatchProgram, ThePrivateFolderIsOpenToNobodyElse) {
  DiffedWheel wheel = wheel_with(kTwo);
  const std::string note = (wheel.dir() / "mode").string();
  wheel.apply(1, script(wheel, "stat -c %a . 0 > " + note + "; exec patch \"$@\""));
  EXPECT_EQ(content_of(note), "700\n600\n");
  EXPECT_TRUE(fs::is_empty(wheel.dir() / "scratch"));
}

}  // namespace
}  // namespace spokeshave
