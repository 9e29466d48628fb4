#include "src/diff_apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/diffed_wheel.h"

namespace spokeshave {
namespace {

using support::DiffedWheel;
using support::Files;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = FileChange::Kind;

constexpr std::uint32_t kPlain = 0100644;

DiffedFile plain(const std::string& content) {
  return {content, kPlain};
}

std::string numbers(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += std::to_string(i) + "\n";
  return text;
}

/// One that makes `2` of `pkg/a.txt` into `two`.
constexpr const char* kTwo =
    "--- a/pkg/a.txt\n+++ b/pkg/a.txt\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n";

DiffedWheel wheel_with(const std::string& content, const std::string& diff) {
  DiffedWheel wheel({{"pkg/a.txt", plain(content)}});
  wheel.with("0001-two.patch", diff);
  return wheel;
}

TEST(ApplyDiffs, ChangesWhatTheDiffChangesAndNothingElse) {
  DiffedWheel wheel({{"pkg/a.txt", plain("1\n2\n3\n")}, {"pkg/b.txt", plain("1\n2\n3\n")}});
  const DiffOutcome outcome = wheel.with("a.patch", kTwo).apply();
  ASSERT_EQ(outcome.changes.size(), 1u);
  EXPECT_EQ(outcome.changes[0].kind, Kind::kChanged);
  EXPECT_EQ(outcome.changes[0].path, "pkg/a.txt");
  EXPECT_EQ(outcome.changes[0].file, plain("1\ntwo\n3\n"));
  EXPECT_THAT(outcome.diffs, ElementsAre("a.patch"));
  EXPECT_TRUE(outcome.notes.empty());
  EXPECT_TRUE(outcome.remarks.empty());
}

TEST(ApplyDiffs, OffsetsAndFuzzAreTold) {
  DiffedWheel wheel =
      wheel_with("new\n" + numbers(1, 21) + "another\n" + numbers(23, 30),
                 "--- a/pkg/a.txt\n+++ b/pkg/a.txt\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"
                 "@@ -18,6 +18,6 @@\n 18\n 19\n-20\n+twenty\n 21\n 22\n 23\n");
  const DiffOutcome outcome = wheel.apply();
  EXPECT_EQ(outcome.changes.at(0).file.content,
            "new\n1\ntwo\n" + numbers(3, 19) + "twenty\n21\nanother\n" + numbers(23, 30));
  ASSERT_EQ(outcome.notes.size(), 2u);
  EXPECT_EQ(outcome.notes[0].hunk, 1u);
  EXPECT_EQ(outcome.notes[0].lines, 1);
  EXPECT_EQ(outcome.notes[0].fuzz, 0u);
  EXPECT_EQ(outcome.notes[1].diff, "0001-two.patch");
  EXPECT_EQ(outcome.notes[1].path, "pkg/a.txt");
  EXPECT_EQ(outcome.notes[1].hunk, 2u);
  EXPECT_EQ(outcome.notes[1].lines, 1);
  EXPECT_EQ(outcome.notes[1].fuzz, 2u);
}

TEST(ApplyDiffs, AHunkThatStandsHigherHasANegativeOffset) {
  const auto notes = wheel_with(numbers(3, 30),
                                "--- a/pkg/a.txt\n+++ b/pkg/a.txt\n@@ -9,3 +9,3 @@\n 9\n-10\n"
                                "+ten\n 11\n")
                         .apply()
                         .notes;
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].lines, -2);
}

TEST(ApplyDiffs, AHunkThatDoesNotFitIsToldWithWhatStandsThere) {
  DiffedWheel wheel = wheel_with(
      "import os\n\ncuda_libs = {\n    'cublas': 'libcublas.so',\n    'cudnn': 'libcudnn.so',\n}\n",
      "--- a/pkg/a.txt\n+++ b/pkg/a.txt\n@@ -2,4 +2,4 @@\n \n cuda_libs = {\n"
      "-    'cublas': 'libcublas.so.12',\n+    'cublas': 'libcublas.so.13',\n"
      "     'cudnn': 'libcudnn.so',\n");
  EXPECT_EQ(
      wheel.error(),
      "error: cannot apply the diff `0001-two.patch`\n"
      "  caused by: hunk 1 of `pkg/a.txt` expects \"    'cublas': 'libcublas.so.12',\" at line "
      "4, where \"    'cublas': 'libcublas.so',\" stands\n"
      "hint: make the diff against the files of this wheel\n");
}

TEST(ApplyDiffs, HowManyHunksDoNotFitIsTold) {
  DiffedWheel wheel({{"pkg/a.txt", plain("1\nzwei\n3\n")}, {"pkg/b.txt", plain("x\n")}});
  wheel.with("a.patch",
             std::string(kTwo) + "--- a/pkg/b.txt\n+++ b/pkg/b.txt\n@@ -1 +1 @@\n-y\n+z\n");
  EXPECT_THAT(wheel.error(), HasSubstr("hunk 1 of `pkg/a.txt` expects \"2\" at line 2, where "
                                       "\"zwei\" stands (2 hunks do not fit in all)"));
}

TEST(ApplyDiffs, ADiffThatIsAppliedAlreadyIsToldApart) {
  EXPECT_THAT(wheel_with("1\ntwo\n3\n", kTwo).error(),
              HasSubstr("hunk 1 of `pkg/a.txt` seems to be applied already"));
}

TEST(ApplyDiffs, ALaterDiffThatDoesNotFitStopsAllOfThem) {
  DiffedWheel wheel = wheel_with("1\n2\n3\n", kTwo);
  wheel.with("0002-next.patch",
             "--- a/pkg/a.txt\n+++ b/pkg/a.txt\n@@ -1,2 +1,2 @@\n 1\n-2\n+zwei\n");
  EXPECT_THAT(wheel.error(),
              HasSubstr("cannot apply the diff `0002-next.patch`\n"
                        "  caused by: hunk 1 of `pkg/a.txt` expects \"2\" at line 2, "
                        "where \"two\" stands"));
}

TEST(ApplyDiffs, LineEndsThatDifferAreTheReason) {
  EXPECT_THAT(wheel_with("1\r\n2\r\n3\r\n", kTwo).error(),
              HasSubstr("hunk 1 of `pkg/a.txt` line 1 ends in CRLF, and in the diff in LF"));
}

TEST(ApplyDiffs, ADiffInCrlfFitsAFileInLfAndOneInCrlf) {
  std::string diff;
  for (const char c : std::string(kTwo)) diff += c == '\n' ? "\r\n" : std::string(1, c);
  const DiffOutcome lf = wheel_with("1\n2\n3\n", diff).apply();
  EXPECT_EQ(lf.changes.at(0).file.content, "1\ntwo\n3\n");
  EXPECT_THAT(lf.remarks,
              ElementsAre("0001-two.patch: its own lines end in CRLF; files in LF stay so"));
  const DiffOutcome crlf = wheel_with("1\r\n2\r\n3\r\n", diff).apply();
  EXPECT_EQ(crlf.changes.at(0).file.content, "1\r\ntwo\r\n3\r\n");
  EXPECT_TRUE(crlf.remarks.empty());
}

TEST(ApplyDiffs, AWrongStripCountIsToldWithTheRightOne) {
  EXPECT_THAT(wheel_with("1\n2\n3\n", kTwo).error(0),
              HasSubstr("the wheel has no file `b/pkg/a.txt`\nhint: use --strip-count 1\n"));
  EXPECT_THAT(wheel_with("1\n2\n3\n",
                         "--- x/y/z/pkg/a.txt\n+++ x/y/z/pkg/a.txt\n"
                         "@@ -1 +1 @@\n-1\n+one\n")
                  .error(),
              HasSubstr("hint: use --strip-count 3\n"));
  EXPECT_THAT(
      wheel_with("1\n2\n3\n", "--- other.txt\n+++ other.txt\n@@ -1 +1 @@\n-1\n+one\n").error(),
      HasSubstr("has too few folders to leave out 1\nhint: use --strip-count 0\n"));
}

TEST(ApplyDiffs, AFileThatIsNotThereIsAnError) {
  DiffedWheel wheel({});
  EXPECT_THAT(wheel.with("a.patch", kTwo).error(),
              HasSubstr("caused by: line 1: the wheel has no file `pkg/a.txt`\n"));
}

TEST(ApplyDiffs, APlainDiffWithDevNullAddsAndDeletes) {
  DiffedWheel wheel = wheel_with("1\n",
                                 "--- a/pkg/a.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n"
                                 "--- /dev/null\n+++ b/pkg/b.txt\n@@ -0,0 +1 @@\n+2\n");
  const auto changes = wheel.apply().changes;
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].kind, Kind::kDeleted);
  EXPECT_EQ(changes[1].kind, Kind::kAdded);
  EXPECT_EQ(changes[1].file, plain("2\n"));
}

TEST(ApplyDiffs, AFileThatIsToBeDeletedAndHasMoreLinesIsAnError) {
  EXPECT_THAT(wheel_with("1\n2\n", "--- a/pkg/a.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n").error(),
              HasSubstr("`pkg/a.txt` is to be deleted, and has other lines"));
}

TEST(ApplyDiffs, AFileThatIsToBeMadeAndExistsIsAnError) {
  const std::string diff = "--- /dev/null\n+++ b/pkg/a.txt\n@@ -0,0 +1 @@\n+2\n";
  EXPECT_THAT(wheel_with("1\n", diff).error(),
              HasSubstr("line 1: `pkg/a.txt` is to be made, and exists\nhint: make the diff"));
  EXPECT_THAT(wheel_with("2\n", diff).error(), HasSubstr("seems to be applied already"));
}

TEST(ApplyDiffs, ADiffAgainstNothingWithoutDevNullAddsTheFile) {
  const std::string diff =
      "Index: pkg/b.txt\n===================================================================\n"
      "--- pkg/b.txt\t(nonexistent)\n+++ pkg/b.txt\t(working copy)\n@@ -0,0 +1 @@\n+2\n"
      "\\ No newline at end of file\n";
  const auto changes = wheel_with("1\n", diff).apply(0).changes;
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].kind, Kind::kAdded);
  EXPECT_EQ(changes[0].file, plain("2"));
  DiffedWheel again({{"pkg/b.txt", plain("2")}});
  EXPECT_THAT(again.with("a.diff", diff).error(0),
              HasSubstr("`pkg/b.txt` holds already what is to be added"));
}

TEST(ApplyDiffs, OfTwoNamesTheOneThatExistsIsTaken) {
  const std::string diff = "--- old/pkg/a.txt.orig\n+++ new/pkg/a.txt\n@@ -1 +1 @@\n-1\n+2\n";
  EXPECT_EQ(wheel_with("1\n", diff).patched(), (Files{{"pkg/a.txt", plain("2\n")}}));
  DiffedWheel other({{"pkg/a.txt.orig", plain("1\n")}});
  EXPECT_EQ(other.with("a.diff", diff).patched(), (Files{{"pkg/a.txt.orig", plain("2\n")}}));
  DiffedWheel both({{"pkg/a.txt.orig", plain("1\n")}, {"pkg/a.txt", plain("1\n")}});
  EXPECT_EQ(both.with("a.diff", diff).patched(),
            (Files{{"pkg/a.txt.orig", plain("1\n")}, {"pkg/a.txt", plain("2\n")}}));
}

TEST(ApplyDiffs, AFolderInAFilesPlaceIsAnError) {
  EXPECT_THAT(wheel_with("1\n", "--- /dev/null\n+++ b/pkg/a.txt/b\n@@ -0,0 +1 @@\n+2\n").error(),
              HasSubstr("diffs cannot make `pkg/a.txt/b`\n  caused by: `pkg/a.txt` is a file"));
}

TEST(ApplyDiffs, ARenameIsOneChangeAndItsSourceNotASecond) {
  DiffedWheel wheel({{"a", {"1\n", 0100755}}});
  const auto changes =
      wheel
          .with("a.diff", "diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n")
          .apply()
          .changes;
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].kind, Kind::kRenamed);
  EXPECT_EQ(changes[0].path, "b");
  EXPECT_EQ(changes[0].renamed_from, "a");
  EXPECT_EQ(changes[0].file, (DiffedFile{"", 0100755, "a"}));
}

TEST(ApplyDiffs, RenamesCopiesAndModesReadNothing) {
  const support::TempDir dir;
  support::write_content(dir / "a.patch",
                         "diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n"
                         "diff --git a/c b/c\nold mode 100644\nnew mode 100755\n"
                         "diff --git a/c b/d\nsimilarity index 100%\ncopy from c\ncopy to d\n");
  const DiffRequest request{.sources = {{(dir / "a.patch").string(), false}}};
  const Originals originals{[](const std::string& path) {
                              return path == "a" || path == "c"
                                         ? std::optional(DiffedFile{"", 0100644, path})
                                         : std::nullopt;
                            },
                            [](const std::string& path) -> std::string {
                              throw Failure(ExitCode::kFailed, "read " + path, "", "");
                            }};
  const auto changes = apply_diffs(request, originals, dir.path().string()).changes;
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].renamed_from, "a");
  EXPECT_EQ(changes[0].file, (DiffedFile{"", 0100644, "a"}));
  EXPECT_EQ(changes[1].file, (DiffedFile{"", 0100755, "c"}));
  EXPECT_EQ(changes[2].path, "d");
  EXPECT_EQ(changes[2].file.unread_from, "c");
}

TEST(ApplyDiffs, WithoutDiffsNoFolderIsNeeded) {
  EXPECT_TRUE(apply_diffs({}, {}, "/nonexistent").changes.empty());
}

TEST(ApplyDiffs, AFolderToWorkInThatIsNotThereIsAnErrorThatNamesTmpdir) {
  const DiffRequest request{.sources = {{"/dev/null", false}}};
  try {
    apply_diffs(request, {}, "/nonexistent");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(to_text(failure),
              "error: no folder for temporary files, which diffs need\n"
              "  caused by: /nonexistent: No such file or directory\n"
              "hint: set TMPDIR to a folder that can be written to\n");
  }
}

TEST(ApplyDiffs, WhatOneDiffMakesAndTheNextTakesBackIsNoChange) {
  DiffedWheel wheel = wheel_with("1\n2\n3\n", kTwo);
  wheel.with("0002.patch", "--- a/pkg/a.txt\n+++ b/pkg/a.txt\n@@ -2 +2 @@\n-two\n+2\n");
  EXPECT_TRUE(wheel.apply().changes.empty());
}

TEST(ApplyDiffs, ARenamedFileCannotBeChangedUnderItsOldName) {
  DiffedWheel wheel({{"a", plain("1\n")}});
  wheel.with("a.diff",
             "diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n"
             "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n");
  EXPECT_THAT(wheel.error(), HasSubstr("line 5: the wheel has no file `a`"));
}

TEST(ApplyDiffs, ASymbolicLinkInTheWheelIsNotChanged) {
  DiffedWheel wheel({{"pkg/a.txt", {"1\n2\n3\n", 0120777}}});
  EXPECT_THAT(wheel.with("a.patch", kTwo).error(), HasSubstr("`pkg/a.txt` is a symbolic link"));
}

TEST(ApplyDiffs, AFailureOfTheOneWhoReadsTheWheelPasses) {
  const support::TempDir dir;
  support::write_content(dir / "a.patch", kTwo);
  const DiffRequest request{.sources = {{(dir / "a.patch").string(), false}}};
  const Originals refuses{[](const std::string& path) {
                            return DiffedFile{"", 0100644, path};
                          },
                          [](const std::string&) -> std::string {
                            throw Failure(ExitCode::kFailed, "too large for a text", "", "");
                          }};
  EXPECT_THROW(apply_diffs(request, refuses, dir.path().string()), Failure);
}

}  // namespace
}  // namespace spokeshave
