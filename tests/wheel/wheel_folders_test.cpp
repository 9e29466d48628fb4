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
  EXPECT_THAT(flaws_of({.dist_info = "Tiny-1.0.0.dist-info"}),
              ElementsAre("dist-info-name [Tiny-1.0.0.dist-info]"))
      << "1.0.0 is spelt otherwise than 1.0";
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
