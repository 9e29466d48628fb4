#include "wheel/wheel_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/flaws.h"
#include "wheel/error.h"

namespace {

using support::flaws_of;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(WheelFolders, ADistInfoOfAnotherNameIsAFlawAndReadAllTheSame) {
  EXPECT_THAT(flaws_of({.dist_info = "tiny-1.1.dist-info"}),
              ElementsAre("dist-info-name [tiny-1.1.dist-info]"));
}

// pip and uv install each of these (tests/e2e/index_rules_test.py).
TEST(WheelFolders, AVersionThatIsEqualIsTheSame) {
  EXPECT_THAT(flaws_of({.dist_info = "Tiny-1.0.0.dist-info"}), IsEmpty());
  EXPECT_THAT(flaws_of({.dist_info = "tiny-1.dist-info"}), IsEmpty());
  EXPECT_THAT(flaws_of({.dist_info = "tiny-1.0.0.dist-info",
                        .members = {{.name = "tiny-1.0.0.data/purelib/x", .content = "x"}}}),
              IsEmpty());
}

// uv: in site-packages as tiny-1.0.0.data.
TEST(WheelFolders, ADataFolderOfAnEqualVersionIsNotThatOfTheDistInfo) {
  EXPECT_THAT(flaws_of({.members = {{.name = "tiny-1.0.0.data/purelib/x", .content = "x"}}}),
              ElementsAre("data-name [tiny-1.0.0.data]"));
}

TEST(WheelFolders, OfSeveralDistInfosTheOneThatBelongsIsRead) {
  EXPECT_THAT(flaws_of({.members = {{.name = "other-2.dist-info/METADATA", .content = "x"},
                                    {.name = "zother-2.dist-info/METADATA", .content = "x"}}}),
              ElementsAre("dist-info-count []"));
  EXPECT_THROW(flaws_of({.dist_info = "tiny-2.dist-info",
                         .members = {{.name = "other-2.dist-info/METADATA", .content = "x"}}}),
               wheel::Error);
}

TEST(WheelFolders, ADataFolderThatInstallersDoNotTakeIsAFlaw) {
  EXPECT_THAT(flaws_of({.members = {{.name = "other-1.0.data/scripts/x", .content = "x"},
                                    {.name = "tiny-1.0.data/scripts/x", .content = "x"}}}),
              ElementsAre("data-name [other-1.0.data]", "data-count []"));
  EXPECT_THAT(
      flaws_of({.members = {{.name = "tiny-1.0.data/include/x", .content = "x"},
                            {.name = "tiny-1.0.data/x", .content = "x"},
                            {.name = "tiny-1.0.data/headers/x.h", .content = "x"}}}),
      ElementsAre("data-scheme [tiny-1.0.data/include/x]", "data-scheme [tiny-1.0.data/x]"));
  EXPECT_THAT(flaws_of({.members = {{.name = "tiny-1.0.data/purelib/x", .content = "x"}}}),
              IsEmpty());
}

}  // namespace
