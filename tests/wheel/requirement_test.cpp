#include "wheel/requirement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "wheel/error.h"

// tests/e2e/requirement_test.py asks packaging about many more.
namespace {

using testing::ElementsAre;
using wheel::is_same_requirement;
using wheel::parse_requirement;
using wheel::Requirement;

std::string refusal(const std::string& text) {
  try {
    parse_requirement(text);
  } catch (const wheel::Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ParseRequirement, GivesEachPartAsItStands) {
  const Requirement read =
      parse_requirement(" NumPy [B, a.b] >= 1.2 , <2 ; python_version<\"3.9\" ");
  EXPECT_EQ(read.name, "NumPy");
  EXPECT_THAT(read.extras, ElementsAre("B", "a.b"));
  EXPECT_EQ(read.specifier, ">= 1.2 , <2");
  EXPECT_EQ(read.url, "");
  EXPECT_EQ(read.marker, "python_version<\"3.9\"");
}

TEST(ParseRequirement, ReadsTheOldSyntaxWithParentheses) {
  const Requirement read = parse_requirement("triton (==2.0.0) ; platform_system == 'Linux'");
  EXPECT_EQ(read.name, "triton");
  EXPECT_EQ(read.specifier, "==2.0.0");
  EXPECT_EQ(read.marker, "platform_system == 'Linux'");
}

TEST(ParseRequirement, ReadsAUrlUpToTheBlankBehindIt) {
  const Requirement read = parse_requirement("x @ https://h/x.whl#a;b ; extra == 'c'");
  EXPECT_EQ(read.url, "https://h/x.whl#a;b");
  EXPECT_EQ(read.marker, "extra == 'c'");
}

TEST(ParseRequirement, NamesTheColumnAndWhatWasExpectedThere) {
  EXPECT_EQ(refusal("numpy 1.2"),
            "column 7: expected a version specifier, `;` and a marker, or the end, but `1.2` "
            "stands here");
  EXPECT_EQ(refusal("numpy => 1.2"), "column 7: `=>` is no operator; is `>=` meant?");
  EXPECT_EQ(refusal("numpy[a b]"),
            "column 9: expected a comma or `]` after an extra, but `b` stands here");
  EXPECT_EQ(refusal("numpy (>=1"),
            "column 11: expected a comma or `)` after a specifier, but the text ends");
  EXPECT_EQ(refusal("x\nRequires-Dist: y"),
            "column 2: a control character or a line end stands here");
}

TEST(ParseRequirement, CountsColumnsInLetters) {
  EXPECT_EQ(refusal("x; os_name == '\xc3\xa9'").substr(0, 11), "column 16: ");
  EXPECT_EQ(refusal("x @ \xc3\xa9").substr(0, 10), "column 5: ");
}

TEST(ParseRequirement, EndsOnTextsOfAMegabyte) {
  const std::string many(1'000'000, '(');
  EXPECT_NE(refusal("x; " + many).find("over 200 parentheses"), std::string::npos);
  EXPECT_NE(refusal("x" + many), "accepted");
  EXPECT_LT(refusal("x>=1x" + std::string(1'000'000, 'y')).size(), 200U);
  EXPECT_EQ(refusal("x>=" + std::string(1'000'000, '1')), "accepted");
}

TEST(IsSameRequirement, OverlooksSpellingAndNothingElse) {
  const auto same = [](const std::string& a, const std::string& b) {
    return is_same_requirement(parse_requirement(a), parse_requirement(b));
  };
  EXPECT_TRUE(
      same("Foo.Bar[b,A] (<2, >=1); os_name=='a'", "foo-bar[a,b]>=1,<2 ; os_name == \"a\""));
  EXPECT_FALSE(same("foo; os_name == 'a b'", "foo; os_name == 'ab'"));
  EXPECT_FALSE(same("foo==1.0", "foo==1"));
  EXPECT_FALSE(same("foo", "foo[a]"));
}

}  // namespace
