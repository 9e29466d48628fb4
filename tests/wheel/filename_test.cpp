#include "wheel/filename.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wheel/error.h"

namespace {

using testing::HasSubstr;
using wheel::parse_filename;

std::string refusal(const std::string& name) {
  try {
    parse_filename(name);
  } catch (const wheel::Error& error) {
    return error.what();
  }
  return "taken";
}

TEST(ParseFilename, GivesEveryPart) {
  const auto name = parse_filename(
      "nvidia_nvjitlink_cu12-12.9.86-2a-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl");
  EXPECT_EQ(name.distribution, "nvidia_nvjitlink_cu12");
  EXPECT_EQ(name.version, "12.9.86");
  EXPECT_EQ(name.build, "2a");
  EXPECT_EQ(name.python_tag, "py3");
  EXPECT_EQ(name.abi_tag, "none");
  EXPECT_EQ(name.platform_tag, "manylinux2010_x86_64.manylinux_2_12_x86_64");
}

TEST(ParseFilename, ComesBackAsItWas) {
  for (const std::string name :
       {"torch-2.1.2+cu118-cp311-cp311-linux_x86_64.whl", "Foo.Bar-1.0_1-7-py2.py3-none-any.whl"}) {
    EXPECT_EQ(to_string(parse_filename(name)), name);
  }
}

TEST(ParseFilename, NamesThePartThatIsWrong) {
  EXPECT_THAT(refusal("torch-2.1.2-cp311-cp311-linux_x86_64.zip"), HasSubstr(".whl"));
  EXPECT_THAT(refusal("torch-2.1.2-cp311.whl"), HasSubstr("3 parts"));
  EXPECT_THAT(refusal("a-b-c-d-e-f-g.whl"), HasSubstr("7 parts"));
  EXPECT_THAT(refusal("-2.1.2-cp311-cp311-any.whl"), HasSubstr("distribution"));
  EXPECT_THAT(refusal("a b-2.1.2-cp311-cp311-any.whl"), HasSubstr("distribution"));
  EXPECT_THAT(refusal("a-two-cp311-cp311-any.whl"), HasSubstr("version"));
  EXPECT_THAT(refusal("a-1.0-x1-cp311-cp311-any.whl"), HasSubstr("build number"));
  EXPECT_THAT(refusal("a-1.0-1-cp311-cp311-.whl"), HasSubstr("platform tag"));
  EXPECT_THAT(refusal("a-1.0-1-cp311.-cp311-any.whl"), HasSubstr("python tag"));
  EXPECT_THAT(refusal("a-1.0-cp311-cp/311-any.whl"), HasSubstr("abi tag"));
  EXPECT_THAT(refusal(".whl"), HasSubstr("1 parts"));
}

TEST(NormaliseName, JoinsRunsOfSeparatorsAsPep503Does) {
  EXPECT_EQ(wheel::normalise_name("Foo.Bar_-.baz"), "foo-bar-baz");
  EXPECT_EQ(wheel::escape_name("Foo.Bar-baz"), "foo_bar_baz");
}

TEST(IsLinuxPlatform, WantsEveryTagToBeOne) {
  EXPECT_TRUE(wheel::is_linux_platform("linux_x86_64"));
  EXPECT_TRUE(wheel::is_linux_platform("manylinux1_x86_64.manylinux_2_5_x86_64"));
  EXPECT_TRUE(wheel::is_linux_platform("musllinux_1_1_aarch64"));
  EXPECT_FALSE(wheel::is_linux_platform("any"));
  EXPECT_FALSE(wheel::is_linux_platform("win_amd64"));
  EXPECT_FALSE(wheel::is_linux_platform("linux_x86_64.macosx_11_0_arm64"));
}

}  // namespace
