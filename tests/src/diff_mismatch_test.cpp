#include "src/diff_mismatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace spokeshave {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string cause(const std::string& content, const std::string& hunk) {
  const std::string text = "--- a/f\n+++ b/f\n" + hunk;
  const DiffReading reading = read_diff(text, "x.patch", 1);
  return explain_mismatch("f", content, reading.files.at(0), 0).cause;
}

TEST(ExplainMismatch, TheFirstLineThatDiffersAtTheDeclaredPlace) {
  EXPECT_EQ(cause("one\ntwo\nthree\n", "@@ -1,3 +1,3 @@\n one\n-2\n+zwei\n three\n"),
            "hunk 1 of `f` expects \"2\" at line 2, where \"two\" stands");
}

TEST(ExplainMismatch, ThePlaceWhereMostOfItStandsAndNotTheDeclaredOne) {
  EXPECT_EQ(cause("x\n\n}\n\ny\none\ntwo\nthree\n", "@@ -1,4 +1,3 @@\n one\n two\n-drei\n \n"),
            "hunk 1 of `f` expects \"drei\" at line 8, where \"three\" stands");
}

TEST(ExplainMismatch, AFileThatEndsEarlier) {
  EXPECT_EQ(cause("one\n", "@@ -1,2 +1 @@\n one\n-two\n"),
            "hunk 1 of `f` expects \"two\" at line 2, and the file ends at line 1");
  EXPECT_EQ(cause("", "@@ -1 +0,0 @@\n-two\n"),
            "hunk 1 of `f` expects lines, and the file is empty");
}

TEST(ExplainMismatch, SpacesAndLineEndsAreNamed) {
  EXPECT_THAT(cause("\tone\n", "@@ -1 +1 @@\n-    one\n+x\n"), HasSubstr("the spaces differ"));
  EXPECT_EQ(cause("one\r\n", "@@ -1 +1 @@\n-one\n+x\n"),
            "hunk 1 of `f` line 1 ends in CRLF, and in the diff in LF");
  EXPECT_EQ(cause("one\n", "@@ -1 +1 @@\n-one\r\n+x\n"),
            "hunk 1 of `f` line 1 ends in LF, and in the diff in CRLF");
}

TEST(ExplainMismatch, LongLinesAreShownWhereTheyDiffer) {
  const std::string begin(100, 'x');
  EXPECT_EQ(
      cause(begin + "one\n", "@@ -1 +1 @@\n-" + begin + "two\n+3\n"),
      "hunk 1 of `f` expects \"...xxxxxxxxxxtwo\" at line 1, where \"...xxxxxxxxxxone\" stands");
}

TEST(ExplainMismatch, ALineEndThatIsMissingOnOneSide) {
  EXPECT_EQ(cause("one\ntwo", "@@ -1,2 +1,2 @@\n one\n-two\n+2\n"),
            "hunk 1 of `f` expects a line end behind the last line, where none is");
  EXPECT_EQ(cause("one\ntwo\n", "@@ -1,2 +1,2 @@\n one\n-two\n\\ No newline\n+2\n"),
            "hunk 1 of `f` expects no line end behind the last line, where one is");
}

TEST(ExplainMismatch, ALineFarDownInALongHunk) {
  std::string content;
  std::string hunk = "@@ -1,201 +1,200 @@\n";
  for (int i = 1; i <= 200; ++i) {
    content += std::to_string(i) + "\n";
    hunk += " " + std::to_string(i) + "\n";
  }
  EXPECT_EQ(cause("0\n" + content + "x\n", hunk + "-y\n"),
            "hunk 1 of `f` expects \"y\" at line 202, where \"x\" stands");
}

TEST(ExplainMismatch, AHostileFileTakesABoundedTime) {
  std::string content;
  for (int i = 0; i < 7'000'000; ++i) content += "x\n";
  std::string hunk = "@@ -1,5001 +1,5000 @@\n";
  for (int i = 0; i < 5000; ++i) hunk += " x\n";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(cause(content, hunk + "-y\n"), StartsWith("hunk 1 of `f` "));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace spokeshave
