#include "src/diff_hunks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace spokeshave {
namespace {

using testing::HasSubstr;

std::string error(const std::string& text) {
  try {
    DiffLines lines(text, "x.patch");
    read_hunks(lines);
  } catch (const Failure& failure) {
    return failure.cause();
  }
  return "no failure";
}

TEST(ReadHunks, LinesMissingAtTheEndOfAFileBelongToTheHunk) {
  const std::string text =
      "@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+two\n\\ No newline at end of "
      "file\nx";
  DiffLines lines(text, "x.patch");
  const auto hunks = read_hunks(lines);
  ASSERT_EQ(hunks.size(), 1u);
  EXPECT_EQ(lines.raw(), "x");
  EXPECT_EQ(lines.number(), 7u);
}

TEST(ReadHunks, ASignatureIsNoRemovedLine) {
  const std::string text = "@@ -1 +1 @@\n-1\n+2\n-- \n2.39.5\n";
  DiffLines lines(text, "x.patch");
  EXPECT_EQ(read_hunks(lines).at(0).body, "-1\n+2\n");
  EXPECT_EQ(lines.raw(), "-- ");
}

TEST(ReadHunks, WhatIsRemovedMayLookLikeASignatureOrAHeader) {
  const std::string text = "@@ -1,3 +0,0 @@\n-- \n--- a/x\n-@@ -1 +1 @@\n";
  DiffLines lines(text, "x.patch");
  EXPECT_EQ(read_hunks(lines).at(0).old_count, 3u);
  EXPECT_TRUE(lines.done());
}

TEST(ReadHunks, CountsThatDoNotFitTheLinesAreAnError) {
  EXPECT_THAT(error("@@ -1,2 +1 @@\n-1\n+2\n"), HasSubstr("ends in the middle of a hunk"));
  EXPECT_THAT(error("@@ -1 +1 @@\n-1\n-2\n+2\n"), HasSubstr("not those that its header counts"));
  EXPECT_THAT(error("@@ -1 +1 @@\n-1\n+2\n+3\n"), HasSubstr("line 4: the hunk has more lines"));
  EXPECT_THAT(error("@@ -1 +1 @@\n-1\n+2\n 3\n"), HasSubstr("more lines"));
  EXPECT_THAT(error("@@ -1 +1 @@\n-1\n+2\n-3\n"), HasSubstr("more lines"));
  EXPECT_THAT(error("@@ -1,3 +1,3 @@\n 1\nx\n"), HasSubstr("\"x\" in the middle of a hunk"));
}

TEST(ReadHunks, NumbersThatAreNoneAreAnError) {
  for (const char* header : {"@@ -1 +1", "@@ -x +1 @@", "@@ -1,-1 +1 @@", "@@ -1, +1 @@",
                             "@@ -0 +1 @@", "@@ -1 1 @@", "@@ -99999999999999999999 +1 @@",
                             "@@ -1,4294967296 +1 @@", "@@ -1 +18446744073709551615 @@"}) {
    EXPECT_THAT(error(std::string(header) + "\n-1\n+2\n"), HasSubstr("no hunk begins with"))
        << header;
  }
}

TEST(ReadHunks, AHugeCountCostsNothing) {
  EXPECT_THAT(error("@@ -1,1000000000 +1,1000000000 @@\n 1\n"), HasSubstr("the diff ends"));
}

TEST(ReadHunks, EmptyHunksAreAnErrorAtTheFirst) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "@@ -0,0 +0,0 @@\n";
  EXPECT_EQ(error(text), "line 1: a hunk without any lines");
}

TEST(ReadHunks, AMillionHunksAreTooMany) {
  std::string text;
  for (int i = 1; i <= 1'000'000; ++i) text += "@@ -" + std::to_string(i) + " +0,0 @@\n-x\n";
  EXPECT_THAT(error(text), HasSubstr("more than 200000 hunks"));
}

TEST(ReadHunks, HunksOutOfOrderAreAnError) {
  EXPECT_THAT(error("@@ -5 +5 @@\n-1\n+2\n@@ -5 +5 @@\n-1\n+2\n"),
              HasSubstr("line 4: this hunk begins"));
}

TEST(ReadHunks, ALastLineInTheMiddleIsAnError) {
  EXPECT_THAT(error("@@ -1,2 +0,0 @@\n-1\n\\ No newline\n-2\n"),
              HasSubstr("in the middle of a hunk"));
  EXPECT_THAT(error("@@ -1,2 +1,2 @@\n\\ No newline\n 1\n 2\n"),
              HasSubstr("in the middle of a hunk"));
  EXPECT_THAT(error("@@ -1 +1 @@\n-1\n+2\n\\ No newline\n@@ -3 +3 @@\n-1\n+2\n"),
              HasSubstr("behind the file's last line"));
}

TEST(ReadHunks, AnErrorShowsLittleOfALongLine) {
  EXPECT_LT(error("@@ -1 +1 @@\n" + std::string(10'000'000, 'x') + "\n").size(), 200u);
}

}  // namespace
}  // namespace spokeshave
