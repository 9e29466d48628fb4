#include "wheel/member_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wheel/error.h"

namespace {

using testing::HasSubstr;

std::string refusal(std::string_view name) {
  try {
    wheel::check_member_name(name);
  } catch (const wheel::Error& error) {
    return error.what();
  }
  return "taken";
}

std::string conflict(const std::vector<std::string>& names) {
  std::vector<wheel::Member> members(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    members[i].name = names[i];
  }
  try {
    wheel::order_by_name(members);
  } catch (const wheel::Error& error) {
    return "[" + error.member() + "] " + error.what();
  }
  return "none";
}

TEST(MemberName, MayBeWhatFileSystemsTake) {
  for (const std::string name : {"a", "a/", "a/b.c", "..a/b..", "a b/c", "ab:c", "x/...",
                                 "\xc3\xa9", "\xf0\x9f\x98\x80", "+-_.,()[]{}'\"!?*|<>"}) {
    EXPECT_EQ(refusal(name), "taken") << name;
  }
  EXPECT_EQ(refusal(std::string(255, 'x')), "taken");
}

TEST(MemberName, MayNotLeadElsewhere) {
  for (const std::string name : {"..", "../a", "a/../b", "a/..", "a/../", ".", "./a", "a/./b"}) {
    EXPECT_THAT(refusal(name), HasSubstr("leads through")) << name;
  }
  for (const std::string name : {"/", "/a", "//a"}) {
    EXPECT_THAT(refusal(name), HasSubstr("absolute")) << name;
  }
  for (const std::string name : {"C:", "c:/a", "z:a"}) {
    EXPECT_THAT(refusal(name), HasSubstr("drive")) << name;
  }
  for (const std::string name : {"a\\b", "..\\a", "\\a"}) {
    EXPECT_THAT(refusal(name), HasSubstr("backslash")) << name;
  }
}

TEST(MemberName, MayNotHoldControlCharacters) {
  for (const std::string_view name :
       {std::string_view("a\0b", 3), std::string_view("a\nb"), std::string_view("a\x1b[0m"),
        std::string_view("\x7f"), std::string_view("\xc2\x85")}) {
    EXPECT_THAT(refusal(name), HasSubstr("control character"));
  }
}

TEST(MemberName, MustBeUtf8) {
  for (const std::string name :
       {"\xff", "\xe9t\xe9", "a\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80"}) {
    EXPECT_THAT(refusal(name), HasSubstr("not UTF-8")) << name;
  }
}

TEST(MemberName, MayNotBeEmptyOrEndless) {
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal("a//b"), HasSubstr("empty folder name"));
  EXPECT_THAT(refusal("a//"), HasSubstr("empty folder name"));
  EXPECT_THAT(refusal(std::string(256, 'x')), HasSubstr("256 bytes"));
  std::string deep;
  while (deep.size() < 4096) {
    deep += "folder/";
  }
  EXPECT_THAT(refusal(deep), HasSubstr("bytes long"));
}

TEST(MemberName, IsShownWithoutItsBytesThatCannotBe) {
  try {
    wheel::check_member_name("a\x1b\xff");
    FAIL();
  } catch (const wheel::Error& error) {
    EXPECT_EQ(error.member(), "a\\x1b\\xff");
  }
}

TEST(MemberNames, MayShareFoldersAndBeginnings) {
  EXPECT_EQ(conflict({"a/", "a/b", "a/c", "a.b", "a-b", "ab", "a+/x", "b"}), "none");
}

TEST(MemberNames, MayNotStandTwice) {
  EXPECT_EQ(conflict({"b", "a", "b"}), "[b] its name stands twice in the archive");
  EXPECT_EQ(conflict({"a/", "a/"}), "[a/] its name stands twice in the archive");
}

TEST(MemberNames, MayNotBeAFileAndAFolder) {
  for (const std::vector<std::string>& names : std::vector<std::vector<std::string>>{
           {"a", "a/"}, {"a/b", "a"}, {"a", "a!", "a-b", "a/b/c"}, {"x/y/z", "x", "w"}}) {
    EXPECT_THAT(conflict(names), HasSubstr("of a file and of a folder"));
  }
}

}  // namespace
