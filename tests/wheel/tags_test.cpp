#include "wheel/tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "wheel/error.h"

// tests/e2e/requirement_test.py has packaging's word on what is accepted here.
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(void (*check)(std::string_view), const std::string& tag) {
  try {
    check(tag);
  } catch (const wheel::Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(CheckPythonTag, TakesSeveralAndRefusesWhatIsNone) {
  EXPECT_EQ(refusal(wheel::check_python_tag, "py2.py3"), "accepted");
  EXPECT_EQ(refusal(wheel::check_python_tag, "3"),
            "`3` is no python tag: it begins with a letter, as in py3, cp311");
  EXPECT_EQ(refusal(wheel::check_python_tag, "py2..py3"),
            "`py2..py3` has an empty python tag; several stand with one `.` between");
  EXPECT_EQ(refusal(wheel::check_python_tag, "py3.py3"), "`py3.py3` names `py3` twice");
  EXPECT_EQ(refusal(wheel::check_python_tag, "CP311"),
            "`CP311` is no python tag: it is made of lower-case letters, digits and `_`");
  for (const std::string tag : {"py-3", "py 3", "py3/", "py3\n", "p\xc3\xbd"}) {
    EXPECT_NE(refusal(wheel::check_python_tag, tag), "accepted") << tag;
  }
}

TEST(CheckAbiTag, TakesWhatPythonsHave) {
  EXPECT_EQ(refusal(wheel::check_abi_tag, "cp36m.abi3.none"), "accepted");
  EXPECT_EQ(refusal(wheel::check_abi_tag, "cp311-none"),
            "`cp311-none` is no abi tag: it is made of lower-case letters, digits and `_`");
  EXPECT_THAT(refusal(wheel::check_abi_tag, std::string(256, 'a')), HasSubstr("longer than"));
}

TEST(CheckPlatformTag, TakesLinuxAndAnyOnly) {
  for (const std::string tag :
       {"any", "linux_x86_64", "manylinux1_i686", "manylinux2010_x86_64", "musllinux_1_2_armv7l",
        "manylinux2014_aarch64.manylinux_2_17_aarch64"}) {
    EXPECT_EQ(refusal(wheel::check_platform_tag, tag), "accepted") << tag;
  }
  for (const std::string tag :
       {"win_amd64", "macosx_11_0_arm64", "linux", "linux_", "linuxx86_64", "manylinux_x86_64",
        "manylinux_2_x86_64", "manylinux_2_17", "manylinux_2_17_", "manylinux2015_x86_64",
        "manylinux2014", "musllinux_1_x86_64", "any.win32"}) {
    EXPECT_THAT(refusal(wheel::check_platform_tag, tag), HasSubstr("is no platform of Linux"))
        << tag;
  }
}

TEST(CheckBuild, BeginsWithADigitAndHasNoDash) {
  EXPECT_EQ(refusal(wheel::check_build, "1_stripe.4"), "accepted");
  for (const std::string build : {"", "a1", "1-2", "1/2", "1 ", "1+cu118"}) {
    EXPECT_THAT(refusal(wheel::check_build, build), HasSubstr("is no build number")) << build;
  }
}

TEST(ExpandedTags, AreOneForEachOfEveryKind) {
  EXPECT_THAT(
      wheel::expanded_tags(wheel::parse_filename("x-1-py2.py3-none-linux_a.linux_b.whl")),
      ElementsAre("py2-none-linux_a", "py2-none-linux_b", "py3-none-linux_a", "py3-none-linux_b"));
}

}  // namespace
