#include "wheel/index_filename.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> rules_of(const std::string& platform, const std::string& version = "1.0",
                                  std::uint64_t bytes = 1000) {
  std::vector<std::string> rules;
  wheel::IndexReport report(
      [&](const wheel::IndexFlaw& found) { rules.push_back(found.flaw.rule); });
  wheel::check_publication({.distribution = "tiny",
                            .version = version,
                            .build = "",
                            .python_tag = "py3",
                            .abi_tag = "none",
                            .platform_tag = platform},
                           bytes, report);
  return rules;
}

// The examples are those of warehouse's own tests of _valid_platform_tag.
TEST(CheckPublication, KnowsThePlatformsThatPyPITakes) {
  for (const std::string platform : {"any",
                                     "win32",
                                     "win_arm64",
                                     "manylinux1_i686",
                                     "manylinux2010_x86_64",
                                     "manylinux2014_ppc64",
                                     "manylinux_2_5_i686",
                                     "manylinux_2_12_x86_64",
                                     "manylinux_2_17_aarch64",
                                     "manylinux_2_17_ppc64",
                                     "manylinux_3_0_s390x",
                                     "musllinux_1_1_x86_64",
                                     "musllinux_1_1_riscv64",
                                     "linux_armv6l",
                                     "macosx_10_6_intel",
                                     "macosx_10_13_x86_64",
                                     "macosx_11_0_arm64",
                                     "macosx_26_0_arm64",
                                     "android_21_arm64_v8a",
                                     "ios_13_0_arm64_iphoneos",
                                     "ios_13_0_x86_64_iphonesimulator",
                                     "pyemscripten_2024_0_wasm32",
                                     "manylinux_2_17_x86_64.manylinux2014_x86_64"}) {
    EXPECT_THAT(rules_of(platform), IsEmpty()) << platform;
  }
  for (const std::string platform :
       {"linux_x86_64", "linux_aarch64", "manylinux_2_17_sparc", "manylinux2014_riscv64",
        "musllinux_1_1_ppc64", "macosx_9_2_x86_64", "macosx_11_2_arm64", "macosx_42_0_arm64",
        "manylinux_x_17_x86_64", "android_21_mips", "ios_13_arm64_iphoneos", "nonsense", "Any",
        "any.linux_x86_64"}) {
    EXPECT_THAT(rules_of(platform), ElementsAre("platform-tag")) << platform;
  }
}

TEST(CheckPublication, TakesNoLocalVersionNorLargeFile) {
  EXPECT_THAT(rules_of("any", "1.0+cu118"), ElementsAre("local-version"));
  EXPECT_THAT(rules_of("any", "1.0", 104'857'600), IsEmpty());
  EXPECT_THAT(rules_of("any", "1.0", 104'857'601), ElementsAre("file-size-usual"));
  EXPECT_THAT(rules_of("any", "1.0", 1'073'741'824), ElementsAre("file-size-usual"));
  EXPECT_THAT(rules_of("any", "1.0", 1'073'741'825), ElementsAre("file-size"));
}

}  // namespace
