#include "src/header_changes.h"

#include <gmock/gmock.h>

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> changes(std::string_view before, std::string_view after) {
  std::vector<std::string> lines;
  for (const auto& change : header_changes(before, after))
    lines.push_back(change.sign + change.line);
  return lines;
}

TEST(HeaderChanges, TellWhatWentAndThenWhatCame) {
  EXPECT_THAT(changes("Name: a\nVersion: 1\nRequires-Dist: b\n", "Name: a\nVersion: 2\n"),
              ElementsAre("-Version: 1", "-Requires-Dist: b", "+Version: 2"));
}

TEST(HeaderChanges, DoNotTellWhatOnlyMoved) {
  EXPECT_THAT(changes("A: 1\nB: 2\n", "B: 2\nA: 1\n"), IsEmpty());
}

TEST(HeaderChanges, CountALineThatStandsSeveralTimes) {
  EXPECT_THAT(changes("Tag: x\nTag: x\n", "Tag: x\n"), ElementsAre("-Tag: x"));
  EXPECT_THAT(changes("Tag: x\n", "Tag: x\nTag: x\nTag: x\n"), ElementsAre("+Tag: x", "+Tag: x"));
}

TEST(HeaderChanges, TakeAFoldedFieldForOneLine) {
  EXPECT_THAT(changes("License: a\n  b\n", "License: a\n  c\n"),
              ElementsAre("-License: a\n  b", "+License: a\n  c"));
}

TEST(HeaderChanges, EndWithTheHeaderAndPassOverLineEnds) {
  EXPECT_THAT(changes("A: 1\n\nB: 2\n", "A: 1\r\n\r\nC: 3\r\n"), IsEmpty());
}

TEST(BodyDiffers, LooksBehindTheFirstEmptyLine) {
  EXPECT_FALSE(body_differs("A: 1\n\ntext\n", "A: 2\n\ntext\n"));
  EXPECT_TRUE(body_differs("A: 1\n\ntext\n", "A: 1\n\nother\n"));
  EXPECT_TRUE(body_differs("A: 1\n", "A: 1\n\ntext\n"));
  EXPECT_FALSE(body_differs("A: 1\n", "B: 1\n"));
}

}  // namespace
}  // namespace spokeshave
