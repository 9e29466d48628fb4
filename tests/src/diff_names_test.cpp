#include "src/diff_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spokeshave {
namespace {

using testing::HasSubstr;
using testing::Optional;

using Names = std::pair<std::string, std::string>;

TEST(Unquoted, TakesGitsQuotesAndEscapesOff) {
  EXPECT_EQ(unquoted("plain name"), "plain name");
  EXPECT_EQ(unquoted(R"("a/\303\251 \"x\" \\ \t\n")"), "a/\xc3\xa9 \"x\" \\ \t\n");
}

TEST(Unquoted, SaysWhatStandsBehind) {
  std::string_view rest;
  EXPECT_EQ(unquoted(R"("a" "b")", &rest), "a");
  EXPECT_EQ(rest, R"( "b")");
}

TEST(Unquoted, BrokenQuotesAreNothing) {
  for (const char* text :
       {R"(")", R"("a)", R"("a\)", R"("\1")", R"("\18a")", R"("\400")", R"("\q")"}) {
    EXPECT_EQ(unquoted(text), std::nullopt) << text;
  }
}

TEST(ReadHeaderName, EndsAtATabAtATimeOrWithTheLine) {
  EXPECT_EQ(read_header_name("a/sp ace.py\t2023-12-14 09:08:13.5 +0100")->name, "a/sp ace.py");
  EXPECT_EQ(read_header_name("a/sp ace.py\t")->name, "a/sp ace.py");
  EXPECT_EQ(read_header_name("a/sp ace.py 2023-12-14 09:08:13")->name, "a/sp ace.py");
  EXPECT_EQ(read_header_name("a/sp ace.py ")->name, "a/sp ace.py");
  EXPECT_EQ(read_header_name("x.py\t(revision 1)")->name, "x.py");
  EXPECT_EQ(read_header_name("\"a/\\tb\"\t2023")->name, "a/\tb");
  EXPECT_EQ(read_header_name("\"a/\\tb"), std::nullopt);
}

TEST(ReadHeaderName, KnowsTheSecondZeroInAnyZone) {
  for (const char* time : {"1970-01-01 00:00:00.000000000 +0000", "1970-01-01 01:00:00 +0100",
                           "1969-12-31 19:00:00.000000000 -0500", "1970-01-01 05:30:00.0 +0530"}) {
    EXPECT_TRUE(read_header_name(std::string("a\t") + time)->time_is_zero) << time;
  }
  for (const char* time : {"1970-01-01 00:00:00.000000000 +0100", "1970-01-01 00:00:01 +0000",
                           "1970-01-01 00:00:00.5 +0000", "2023-12-14 09:08:13.5 +0100", ""}) {
    EXPECT_FALSE(read_header_name(std::string("a\t") + time)->time_is_zero) << time;
  }
}

TEST(SplitGitNames, SpacesInNamesAreNoEnds) {
  EXPECT_THAT(split_git_names("a/x b/x", 1), Optional(Names("a/x", "b/x")));
  EXPECT_THAT(split_git_names("a/x y b/x y", 1), Optional(Names("a/x y", "b/x y")));
  EXPECT_THAT(split_git_names("x y x y", 0), Optional(Names("x y", "x y")));
  EXPECT_THAT(split_git_names("a/x b/y", 1), std::nullopt);
  EXPECT_THAT(split_git_names("a/x b/x", 0), std::nullopt);
}

TEST(SplitGitNames, EitherMayBeQuoted) {
  EXPECT_THAT(split_git_names(R"("a/\303\251" "b/\303\251")", 1),
              Optional(Names("a/\xc3\xa9", "b/\xc3\xa9")));
  EXPECT_THAT(split_git_names(R"(a/x y "b/\303\251")", 1), Optional(Names("a/x y", "b/\xc3\xa9")));
  EXPECT_THAT(split_git_names(R"("a/\303\251" b/x y)", 1), Optional(Names("a/\xc3\xa9", "b/x y")));
}

TEST(SplitGitNames, AHostileLineTakesNoTime) {
  std::string text;
  for (int i = 0; i < 6000; ++i) text += "/ ";
  for (int i = 0; i < 100; ++i) EXPECT_EQ(split_git_names(text + "x", 3000), std::nullopt);
}

TEST(StrippedName, LosesFoldersAsPatchCounts) {
  EXPECT_EQ(stripped_name("a/b/c", 0), "a/b/c");
  EXPECT_EQ(stripped_name("a/b/c", 1), "b/c");
  EXPECT_EQ(stripped_name("a//b///c", 2), "c");
  EXPECT_EQ(stripped_name("/u/x/y.c", 1), "u/x/y.c");  // the example of patch(1)
  EXPECT_EQ(stripped_name("./a/./b", 0), "a/b");
  EXPECT_EQ(stripped_name("a/../b", 0), "a/../b");
  EXPECT_EQ(stripped_name("/a", 0), "/a");
  EXPECT_EQ(stripped_name("a/b", 2), std::nullopt);
}

TEST(WhyRefused, NamesOutsideOfTheWheelAndThoseOfRecordAre) {
  for (const char* path :
       {"", "/etc/passwd", "../x", "a/../../x", "a/..", "a\\b", "C:x", "a\nb", "a\x1b[2J", "\xff",
        ".git/config", "a/.git/hooks/x", "a/.GIT/x", "t-1.dist-info/RECORD",
        "t-1.dist-info/RECORD.jws", "t-1.dist-info/RECORD.p7s"}) {
    EXPECT_NE(why_refused(path), "") << path;
  }
  EXPECT_THAT(why_refused("t-1.dist-info/RECORD"), HasSubstr("writes itself"));
  EXPECT_THAT(why_refused("../x"), HasSubstr("outside of the wheel"));
  for (const char* path : {"a", "a/b.py", ".gitignore", "a/.github/x", "t-1.dist-info/METADATA",
                           "t-1.dist-info/RECORDS", "pkg/_vendor/x-1.dist-info/RECORD", "RECORD"}) {
    EXPECT_EQ(why_refused(path), "") << path;
  }
}

}  // namespace
}  // namespace spokeshave
