// What git's diffs mean is judged by git.
#include <gtest/gtest.h>

#include "tests/support/diffed_wheel.h"

namespace spokeshave {
namespace {

using support::DiffedWheel;
using support::Files;
using support::GitRepository;

std::string numbers(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += std::to_string(i) + "\n";
  return text;
}

/// Both commits' files, by git and by us, with the diff that `git diff` or `format-patch` makes.
void expect_as_git(const GitRepository& git, const std::string& diff,
                   const std::string& from = "HEAD~1", const std::string& to = "HEAD") {
  const Files before = git.files(from);
  EXPECT_EQ(DiffedWheel(before).with("a.patch", diff).patched(), git.files(to)) << diff;
}

std::string format_patch(const GitRepository& git, const std::string& range = "-1") {
  return git.git({"format-patch", "--stdout", "-M", "-C", "--find-copies-harder", range});
}

TEST(ApplyGitDiffs, ARenameAModeACopyAnAdditionAndADeletionInOneMail) {
  const GitRepository git;
  git.write("pkg/a.txt", numbers(1, 40));
  git.write("pkg/run.sh", "x\n");
  git.write("pkg/sp ace.txt", numbers(1, 9));
  git.write("pkg/gone.txt", "gone\n");
  git.write("pkg/gone_empty.txt", "");
  git.write("pkg/gone_program", "x");
  git.make_executable("pkg/gone_program");
  git.commit();
  git.rename("pkg/a.txt", "other/r.txt");
  git.write("other/r.txt", numbers(1, 19) + "twenty\n" + numbers(21, 40));
  git.write("pkg/copy.txt", numbers(1, 30) + "thirty-one\n" + numbers(32, 40));
  git.make_executable("pkg/run.sh");
  git.rename("pkg/sp ace.txt", "pkg/\"quoted\" \xc3\xa9.txt");
  git.remove("pkg/gone.txt");
  git.remove("pkg/gone_empty.txt");
  git.remove("pkg/gone_program");
  git.write("pkg/empty.txt", "");
  git.write("pkg/program", "#!/bin/sh");
  git.make_executable("pkg/program");
  git.commit("One of all\n\ndiff --git is quoted here, and\n--- a/x\n--- a word");
  const std::string diff = format_patch(git);
  for (const char* part : {"rename from", "copy from", "old mode", "new file mode 100755",
                           "deleted file mode 100755", "similarity index 100%"}) {
    EXPECT_NE(diff.find(part), std::string::npos) << part;
  }
  expect_as_git(git, diff);
}

TEST(ApplyGitDiffs, ARenameWithAModeChangeAndAnEdit) {
  const GitRepository git;
  git.write("a", numbers(1, 20));
  git.commit();
  git.rename("a", "b");
  git.write("b", numbers(1, 10) + numbers(12, 20));
  git.make_executable("b");
  git.commit();
  expect_as_git(git, format_patch(git));
}

TEST(ApplyGitDiffs, TwoFilesThatChangePlaces) {
  const GitRepository git;
  git.write("a", numbers(1, 300));
  git.write("b", numbers(1000, 1300));
  git.commit();
  git.rename("a", "c");
  git.rename("b", "a");
  git.rename("c", "b");
  git.write("b", numbers(1, 100) + numbers(102, 300));
  git.commit();
  const std::string diff = git.git({"diff", "-B", "-M", "HEAD~1"});
  ASSERT_NE(diff.find("rename from a"), std::string::npos);
  ASSERT_NE(diff.find("rename from b"), std::string::npos);
  expect_as_git(git, diff);
}

TEST(ApplyGitDiffs, ACopyOfAFileThatChangesInTheSameCommitIsOfTheOldOne) {
  const GitRepository git;
  git.write("b", numbers(1, 50));
  git.commit();
  for (const char* name : {"a", "c"}) git.write(name, numbers(1, 50));
  git.write("b", numbers(1, 10) + "new\n" + numbers(11, 50));
  git.commit();
  const std::string diff = format_patch(git);
  ASSERT_NE(diff.find("copy to c"), std::string::npos);
  expect_as_git(git, diff);
}

TEST(ApplyGitDiffs, AFileInThePlaceOfARenamedOne) {
  const GitRepository git;
  git.write("a", numbers(1, 300));
  git.commit();
  git.rename("a", "b");
  git.write("a", numbers(5000, 5300));
  git.commit();
  const std::string diff = git.git({"diff", "-B", "-M", "HEAD~1"});
  ASSERT_NE(diff.find("copy from a"), std::string::npos);
  expect_as_git(git, diff);
}

TEST(ApplyGitDiffs, CommitAfterCommitInOneFileAndInNumberedFiles) {
  const GitRepository git;
  git.write("a.txt", numbers(1, 40));
  git.write("b.txt", numbers(1, 40));
  git.commit();
  git.write("new.txt", numbers(1, 20));
  git.commit("adds");
  git.write("new.txt", numbers(1, 20) + "21\n");
  git.commit("changes what was added");
  git.rename("new.txt", "renamed.txt");
  git.rename("a.txt", "z.txt");
  git.commit("renames both");
  git.write("renamed.txt", "0\n" + numbers(1, 20) + "21\n");
  git.write("z.txt", numbers(2, 40));
  git.commit("changes them under their new names");
  git.rename("z.txt", "a.txt");
  git.remove("b.txt");
  git.commit("renames back, and deletes");
  git.write("b.txt", "again\n");
  git.commit("adds what was deleted");

  const Files last = git.files("HEAD");
  DiffedWheel in_one(git.files("HEAD~6"));
  EXPECT_EQ(in_one.with("all.patch", format_patch(git, "HEAD~6")).patched(), last);

  DiffedWheel numbered(git.files("HEAD~6"));
  for (int i = 1; i <= 6; ++i) {
    const std::string revision = "HEAD~" + std::to_string(6 - i);
    numbered.with("000" + std::to_string(i) + "-x.patch",
                  git.git({"format-patch", "--stdout", "-M", "-1", revision}));
  }
  EXPECT_EQ(numbered.patched(), last);
  const DiffOutcome outcome = numbered.apply();
  ASSERT_EQ(outcome.changes.size(), 3u);
  EXPECT_EQ(outcome.changes[0].path, "a.txt");
  EXPECT_EQ(outcome.changes[0].kind, FileChange::Kind::kChanged);
  EXPECT_EQ(outcome.changes[1].path, "b.txt");
  EXPECT_EQ(outcome.changes[1].kind, FileChange::Kind::kChanged);
  EXPECT_EQ(outcome.changes[2].path, "renamed.txt");
  EXPECT_EQ(outcome.changes[2].kind, FileChange::Kind::kAdded);
  EXPECT_EQ(outcome.diffs.front(), "0001-x.patch");
}

TEST(ApplyGitDiffs, LineEndsAndMissingOnesStayAsGitHasThem) {
  const GitRepository git;
  git.write("crlf.py", "a\r\nb\r\nc\r\nd\r\n");
  git.write("no_end", "a\nb");
  git.write("gets_end", "a\nb");
  git.write("loses_end", "a\nb\n");
  git.write("to_crlf", "a\nb\n");
  git.write("mixed", "a\r\nb\nc\r\n");
  git.commit();
  git.write("crlf.py", "a\r\nB\r\nc\r\nd\r\ne");
  git.write("no_end", "a\nB");
  git.write("gets_end", "a\nb\n");
  git.write("loses_end", "a\nb");
  git.write("to_crlf", "a\r\nb\r\n");
  git.write("mixed", "a\r\nb\r\nc\n");
  git.commit();
  expect_as_git(git, format_patch(git));
  expect_as_git(git, git.git({"diff", "-U0", "HEAD~1"}));
}

TEST(ApplyGitDiffs, NoPrefixAndMnemonicPrefixes) {
  const GitRepository git;
  git.write("pkg/a.txt", "a\n");
  git.write("pkg/m", "m\n");
  git.write("pkg/old", numbers(1, 9));
  git.commit();
  git.write("pkg/a.txt", "b\n");
  git.make_executable("pkg/m");
  git.rename("pkg/old", "pkg/new");
  git.commit();
  const std::string plain = git.git({"diff", "--no-prefix", "-M", "HEAD~1"});
  EXPECT_EQ(DiffedWheel(git.files("HEAD~1")).with("a.diff", plain).patched(0), git.files("HEAD"));
  expect_as_git(git, git.git({"-c", "diff.mnemonicPrefix=true", "diff", "-M", "HEAD~1"}));
}

TEST(ApplyGitDiffs, AModeThatTheDiffDoesNotNameStays) {
  DiffedWheel wheel({{"a", {"1\n", 0100664}}, {"b", {"1\n", 0100755}}});
  wheel.with("a.patch",
             "diff --git a/a b/a\nindex 1..2 100644\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n"
             "diff --git a/b b/b\n--- a/b\n+++ b/b\n@@ -1 +1 @@\n-1\n+2\n");
  EXPECT_EQ(wheel.patched(), (Files{{"a", {"2\n", 0100664}}, {"b", {"2\n", 0100755}}}));
}

}  // namespace
}  // namespace spokeshave
