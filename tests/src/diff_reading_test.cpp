#include "src/diff_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/failure.h"

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = FileDiff::Kind;

DiffReading read(std::string_view text, unsigned strip_count = 1) {
  return read_diff(text, "x.patch", strip_count);
}

FileDiff only_file(std::string_view text, unsigned strip_count = 1) {
  auto files = read(text, strip_count).files;
  EXPECT_EQ(files.size(), 1u);
  return files.at(0);
}

std::string error(std::string_view text, unsigned strip_count = 1) {
  try {
    read(text, strip_count);
  } catch (const Failure& failure) {
    return to_text(failure);
  }
  return "no failure";
}

/// A diff of `a` with this hunk.
std::string diff_with(const std::string& hunk) {
  return "--- a/a\n+++ b/a\n" + hunk;
}

constexpr const char* kHunk = "@@ -1 +1 @@\n-1\n+2\n";

TEST(ReadDiff, APlainDiffWithTimes) {
  constexpr std::string_view kText =
      "diff -ru old/pkg/a.py new/pkg/a.py\n"
      "--- old/pkg/a.py\t2023-12-14 09:08:13.000000000 +0100\n"
      "+++ new/pkg/a.py\t2023-12-15 09:08:13.000000000 +0100\n"
      "@@ -1,2 +1,3 @@ def f():\n a\n+b\n c\n@@ -9 +10,0 @@\n-d\n";
  const FileDiff file = only_file(kText);
  EXPECT_EQ(file.kind, Kind::kChange);
  EXPECT_EQ(file.old_path, "pkg/a.py");
  EXPECT_EQ(file.new_path, "pkg/a.py");
  EXPECT_EQ(file.line, 2u);
  ASSERT_EQ(file.hunks.size(), 2u);
  EXPECT_EQ(file.hunks[0].body, " a\n+b\n c\n");
  EXPECT_EQ(file.hunks[1].old_start, 9u);
  EXPECT_EQ(file.hunks[1].old_count, 1u);
  EXPECT_EQ(file.hunks[1].new_start, 10u);
  EXPECT_EQ(file.hunks[1].new_count, 0u);
}

TEST(ReadDiff, GitsHeaderAloneIsEnough) {
  EXPECT_EQ(only_file("diff --git a/x y b/x y\nold mode 100644\nnew mode 100755\n").new_mode,
            0100755u);
  EXPECT_EQ(only_file("diff --git a/x b/x\nnew file mode 100644\nindex 0..e\n").kind, Kind::kAdd);
  EXPECT_EQ(only_file("diff --git a/x b/x\ndeleted file mode 100644\n").kind, Kind::kDelete);
  const FileDiff moved = only_file(
      "diff --git a/x b/y\nsimilarity index 100%\nrename from d/x\nrename to \"d/\\303\\251\"\n");
  EXPECT_EQ(moved.kind, Kind::kRename);
  EXPECT_EQ(moved.old_path, "d/x");
  EXPECT_EQ(moved.new_path, "d/\xc3\xa9");
}

TEST(ReadDiff, TheSecondZeroIsAMissingFileOnlyWithoutLines) {
  constexpr const char* kNames =
      "--- a/x\t1970-01-01 01:00:00.000000000 +0100\n+++ b/x\t1970-01-01 01:00:00.000000000 "
      "+0100\n";
  EXPECT_EQ(only_file(std::string(kNames) + "@@ -0,0 +1 @@\n+1\n").kind, Kind::kAdd);
  EXPECT_EQ(only_file(std::string(kNames) + "@@ -1 +0,0 @@\n-1\n").kind, Kind::kDelete);
  EXPECT_EQ(only_file(std::string(kNames) + kHunk).kind, Kind::kChange);
}

TEST(ReadDiff, TextAroundIsPassedOver) {
  const auto files = read(
                         "From 0123 Mon Sep 17 00:00:00 2001\nSubject: x\n\n+++ plus\n--- minus\n "
                         "1d\n---\n a | 2 +-\n\n" +
                         diff_with(kHunk) +
                         "-- \n2.39.5\n\nFrom 4567 Mon Sep 17 00:00:00 2001\n\n" + diff_with(kHunk))
                         .files;
  ASSERT_EQ(files.size(), 2u);
  EXPECT_TRUE(files[1].follows_text);
}

TEST(ReadDiff, AnEmptyContextLineMayHaveLostItsSpace) {
  EXPECT_EQ(only_file(diff_with("@@ -1,2 +1,3 @@\n\n 1\n+2\n")).hunks[0].body, "\n 1\n+2\n");
}

TEST(ReadDiff, CrlfEndsAreTold) {
  EXPECT_TRUE(only_file("--- a/a\r\n+++ b/a\r\n@@ -1 +1 @@\r\n-1\r\n+2\r\n").has_crlf);
  EXPECT_FALSE(only_file("--- a/a\n+++ b/a\n@@ -1 +1 @@ f\r\n-1\r\n+2\r\n").has_crlf);
}

TEST(ReadDiff, WhatIsOnlyInOneFolderIsRemarked) {
  EXPECT_THAT(read("Only in new: b.py\n" + diff_with(kHunk)).remarks,
              ElementsAre("line 1 names a file that the diff does not hold (diff -N would take it "
                          "in): \"Only in new: b.py\""));
}

struct Refused {
  const char* why;
  std::string text;
};

TEST(ReadDiff, WhatIsNoUnifiedDiffOfPlainTextFilesIsRefused) {
  const std::vector<Refused> all = {
      {"no unified diff in it", ""},
      {"no unified diff in it", "hello\n"},
      {"a binary diff, of which GNU patch can make nothing: `b/x.so`",
       "diff --git a/x.so b/x.so\nindex 1..2 100644\nGIT binary patch\nliteral 1\n"},
      {"a binary diff, of which GNU patch can make nothing: `b/x.so`",
       "diff --git a/x.so b/x.so\nindex 1..2 100644\nBinary files a/x.so and b/x.so differ\n"},
      {"\"Binary files a/x.so and b/x.so differ\"",
       diff_with(kHunk) + "Binary files a/x.so and b/x.so differ\n"},
      {"that of a symbolic link", "diff --git a/x b/x\nnew file mode 120000\n"},
      {"that of a symbolic link", "diff --git a/x b/x\nindex 1..2 120000\n--- a/x\n+++ b/x\n"},
      {"that of a submodule", "diff --git a/x b/x\nnew file mode 160000\n"},
      {"not that of a plain file", "diff --git a/x b/x\nold mode 100644\nnew mode 104755\n"},
      {"not that of a plain file", "diff --git a/x b/x\nold mode 100644\nnew mode 040000\n"},
      {"no file mode", "diff --git a/x b/x\nold mode 100644\nnew mode 10064x\n"},
      {"a context diff", "*** a/x\n--- b/x\n***************\n*** 1 ****\n! 1\n--- 1 ----\n! 2\n"},
      {"a normal diff or an ed script", "1c1\n< 1\n---\n> 2\n"},
      {"a normal diff or an ed script", "1d\n"},
      {"a normal diff or an ed script", diff_with(kHunk) + "3d2\n< 1\n"},
      {"combined diff of a merge",
       "diff --cc a\nindex 1,2..3\n--- a/a\n+++ b/a\n@@@ -1 -1 +1 @@@\n"},
      {"a hunk without the names of files", kHunk},
      {"a mail with encoded text",
       "Content-Transfer-Encoding: quoted-printable\n\n" + diff_with(kHunk)},
      {"UTF-16", std::string("\xff\xfe-\0", 4)},
      {"line 5: a NUL byte", diff_with("@@ -1 +1 @@\n-1\n+") + std::string("2\0\n", 3)},
      {"names other files than",
       "diff --git a/x b/x\nindex 1..2\n--- a/y\n+++ b/y\n" + std::string(kHunk)},
      {"a new file with lines that were there", "--- /dev/null\n+++ b/x\n" + std::string(kHunk)},
      {"a deleted file with lines", "--- a/x\n+++ /dev/null\n" + std::string(kHunk)},
      {"lacks its `from` or `to`", "diff --git a/x b/x\nsimilarity index 100%\nrename from x\n"},
      {"whose line `diff --git` is missing or broken",
       "dif --git a/x b/y\nrename from x\nrename to y\n--- a/x\n+++ b/y\n" + std::string(kHunk)},
      {"name other files than the lines around",
       "diff --git a/x b/y\nrename from z\nrename to y\n--- a/x\n+++ b/y\n" + std::string(kHunk)},
      {"and no `---`, `+++` and `@@` above them",
       "diff --git a/x b/y\nrename from x\nrename to y\n+++ b/y\n" + std::string(kHunk)},
      {"a hunk without the names of files",
       "--- a/x\n++ b/x\n@@ -1 +1 @\n-1\n+2\n" + diff_with(kHunk)},
      {"whose line `diff --git` is missing or broken",
       "dif --git a/x b/y\nrename from x\nrename to y\nsimilarity index 9%\n--- a/x\n+++ b/y\n" +
           std::string(kHunk)},
      {"and no hunk below them", "--- a/x\n+++ b/x\n @@ -1 +1 @@\n-1\n+2\n"},
      {"and no hunk below them",
       "diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n @@ -1 +1 @@\n"},
      {"/dev/null on a side", "--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+1\n"},
  };
  for (const auto& [why, text] : all) EXPECT_THAT(error(text), HasSubstr(why)) << text;
}

TEST(ReadDiff, EveryNameIsChecked) {
  const std::string hunk = kHunk;
  const std::vector<std::string> hostile = {
      "--- a/../../x\n+++ b/../../x\n" + hunk,
      "--- a/x\n+++ b/../x\n" + hunk,
      "--- /etc/passwd\n+++ /etc/passwd\n" + hunk,
      "--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+1\n",
      "--- \"a/x\\ny\"\n+++ \"b/x\\ny\"\n" + hunk,
      "--- a/.git/config\n+++ b/.git/config\n" + hunk,
      "--- a/t-1.dist-info/RECORD\n+++ b/t-1.dist-info/RECORD\n" + hunk,
      "diff --git a/../x b/../x\nold mode 100644\nnew mode 100755\n",
      "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to ../y\n",
      "diff --git a/x b/y\nsimilarity index 100%\nrename from /etc/passwd\nrename to y\n",
      "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to t-1.dist-info/RECORD\n",
      "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to \"y\\000z\"\n",
  };
  for (const auto& text : hostile) {
    const std::string said = error(text);
    EXPECT_TRUE(said.find("outside of the wheel") != std::string::npos ||
                said.find("is absolute") != std::string::npos ||
                said.find("git's own") != std::string::npos ||
                said.find("writes itself") != std::string::npos)
        << text << said;
  }
}

TEST(ReadDiff, AnAbsoluteNameNeedsAStripCountThatLeavesAPathInTheWheel) {
  const std::string text = "--- /tmp/old/a.py\n+++ /tmp/new/a.py\n" + std::string(kHunk);
  EXPECT_THAT(error(text), HasSubstr("give a --strip-count"));
  EXPECT_EQ(only_file(text, 3).new_path, "a.py");
}

}  // namespace
}  // namespace spokeshave
