#include "wheel/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wheel/error.h"

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using wheel::Headers;
using wheel::requirement_name;

TEST(Headers, ReadOnlyTheHeaderAndUnfold) {
  const Headers headers("Name: a\nLicense: one\n\ttwo\n  three\nname: b\n\nName: in the body\n");
  EXPECT_THAT(headers.get_all("NAME"), ElementsAre("a", "b"));
  EXPECT_EQ(headers.get("license"), "one\ttwo  three");
  EXPECT_EQ(headers.get("Version"), std::nullopt);
}

TEST(Headers, SetReplacesTheFirstFieldAndLeavesTheRest) {
  Headers headers("Version: 1.0\nSummary: Version: 7\nVersion: 2.0\n\nVersion: 1.0\n");
  headers.set("version", "1.0+x");
  EXPECT_EQ(headers.text(), "Version: 1.0+x\nSummary: Version: 7\nVersion: 2.0\n\nVersion: 1.0\n");
}

TEST(Headers, SetReplacesFoldedLinesToo) {
  Headers headers("A: 1\n folded\nB:2\n\nbody");
  headers.set("A", "x");
  headers.set("B", "y");
  EXPECT_EQ(headers.text(), "A: x\nB: y\n\nbody");
}

TEST(Headers, SetAddsWhatIsNotThere) {
  Headers headers("A: 1\n\nbody\n");
  headers.set("B", "2");
  EXPECT_EQ(headers.text(), "A: 1\nB: 2\n\nbody\n");
}

TEST(Headers, AddPutsAFieldBehindTheLastOfItsName) {
  Headers headers("R: 1\nR: 2\n more\nZ: 9\n\nbody\n");
  headers.add("r", "3");
  EXPECT_EQ(headers.text(), "R: 1\nR: 2\n more\nr: 3\nZ: 9\n\nbody\n");
}

TEST(Headers, KeepWindowsLineEnds) {
  Headers headers("A: 1\r\nB: 2\r\n\r\nbody\r\n");
  headers.set("A", "x");
  headers.add("B", "y");
  headers.add("C", "z");
  EXPECT_EQ(headers.text(), "A: x\r\nB: 2\r\nB: y\r\nC: z\r\n\r\nbody\r\n");
}

TEST(Headers, AddToATextThatDoesNotEndItsLastLine) {
  Headers headers("A: 1\r\nB: 2");
  headers.add("B", "3");
  EXPECT_EQ(headers.text(), "A: 1\r\nB: 2\r\nB: 3");
  headers.set("B", "x");
  headers.remove("A", 0);
  EXPECT_EQ(headers.text(), "B: x\r\nB: 3");
  Headers empty("");
  empty.set("A", "1");
  EXPECT_EQ(empty.text(), "A: 1\n");
}

TEST(Headers, RemoveTakesTheFieldWithItsFoldedLines) {
  Headers headers("R: 1\nR: 2\n\tmore\nR: 3\n\n");
  headers.remove("R", 1);
  EXPECT_EQ(headers.text(), "R: 1\nR: 3\n\n");
  EXPECT_THROW(headers.remove("R", 2), wheel::Error);
}

using Values = std::optional<std::vector<std::string>>;

TEST(Headers, RewriteAsksAboutEachFieldOfANameAndKeepsTheRest) {
  Headers headers("r: a\nS: 1\nR:b\n c\nR: d\n\nR: body\n");
  std::vector<std::string> asked;
  headers.rewrite("R", [&](const std::string& value) -> Values {
    asked.push_back(value);
    if (value == "a") return std::vector<std::string>{"x", "y"};
    if (value == "d") return std::vector<std::string>{};
    return std::nullopt;
  });
  EXPECT_THAT(asked, ElementsAre("a", "b c", "d"));
  EXPECT_EQ(headers.text(), "r: x\nr: y\nS: 1\nR:b\n c\n\nR: body\n");
}

TEST(Headers, RewriteKeepsLineEndsAndALastLineWithoutOne) {
  Headers headers("A: 1\r\nR: a");
  headers.rewrite("R", [](const std::string&) { return std::vector<std::string>{"b", "c"}; });
  EXPECT_EQ(headers.text(), "A: 1\r\nR: b\r\nR: c");
  headers.rewrite("A", [](const std::string&) { return std::vector<std::string>{"2", "3"}; });
  EXPECT_EQ(headers.text(), "A: 2\r\nA: 3\r\nR: b\r\nR: c");
  EXPECT_THROW(headers.rewrite(
                   "R", [](const std::string&) { return std::vector<std::string>{"x\nEvil: 1"}; }),
               wheel::Error);
  EXPECT_EQ(headers.text(), "A: 2\r\nA: 3\r\nR: b\r\nR: c");
}

TEST(Headers, RefuseLinesThatReadersTakeDifferently) {
  EXPECT_THROW(Headers("A: 1\nno field\n"), wheel::Error);
  EXPECT_THROW(Headers(" folded\nA: 1\n"), wheel::Error);
  EXPECT_THROW(Headers("A B: 1\n"), wheel::Error);
  EXPECT_THROW(Headers(": 1\n"), wheel::Error);
  EXPECT_THROW(Headers("A: 1\rName: evil\n"), wheel::Error);
  EXPECT_THROW(Headers(std::string("A: 1\0\n", 6)), wheel::Error);
  EXPECT_NO_THROW(Headers("A: 1\n\nno field\r here\n"));
}

TEST(Headers, RefuseAValueThatWouldBeTwoLines) {
  Headers headers("A: 1\n");
  EXPECT_THROW(headers.set("A", "1\nB: 2"), wheel::Error);
  EXPECT_THROW(headers.add("A", "1\r"), wheel::Error);
  EXPECT_THROW(headers.add("A:", "1"), wheel::Error);
  EXPECT_EQ(headers.text(), "A: 1\n");
}

TEST(RequirementName, ReadsBothSyntaxes) {
  EXPECT_EQ(requirement_name("nvidia-nccl-cu12 (==2.18.1) ; extra == 'x'"), "nvidia-nccl-cu12");
  EXPECT_EQ(requirement_name("nvidia-nccl-cu12[y]==2.18.1; z"), "nvidia-nccl-cu12");
  EXPECT_EQ(requirement_name("  Jinja2"), "Jinja2");
  EXPECT_EQ(requirement_name("a.b_c@ https://x"), "a.b_c");
  for (const char* const none : {"", "==1", "-a", "(x)", "a- ==1"}) {
    EXPECT_THROW(requirement_name(none), wheel::Error) << none;
  }
}

}  // namespace
