// What is told of needs that fail: the fault, not its consequences; and circles as circles.
#include "src/preload_model.h"

#include <gmock/gmock.h>

#include "tests/support/preload_builder.h"

namespace spokeshave {
namespace {

using support::app_that_needs;
using support::Planned;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(PreloadModel, OneFaultIsToldOnceAndNotForAllThatFailWithIt) {
  const Planned planned(
      {app_that_needs({"libx.so"}),
       {.name = "one",
        .libraries = {{.path = "one/lib/libx.so", .needed = {"liby.so"}, .runpath = "$ORIGIN"},
                      {.path = "one/lib/liby.so",
                       .needed = {"liba.so"},
                       .runpath = "$ORIGIN/../../two/lib"}}},
       {.name = "two", .libraries = {{.path = "two/lib/liba.so", .without_soname = true}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_THAT(planned.plan.missing[0].needed_by, ElementsAre("one/lib/liby.so"));
}

/// The import opens liby.so before libx.so, without which it cannot be loaded.
TEST(PreloadModel, WhatTheImportOpensBeforeWhatItNeedsIsNotToldWhereThatFailsForItsOwnFault) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .extension_module = true},
                      {.path = "app/lib/libx.so", .needed = {"liba.so"}},
                      {.path = "app/liby.so", .needed = {"libx.so"}}},
        .openers = {{.path = "app/__init__.py", .opened = {"liby.so", "libx.so"}}}},
       {.name = "one", .libraries = {{.path = "one/lib/liba.so", .without_soname = true}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_EQ(planned.plan.missing[0].name, "liba.so");
  EXPECT_THAT(planned.plan.missing[0].needed_by, ElementsAre("app/lib/libx.so"));
}

TEST(PreloadModel, ACircleOfTheMainWheelThatTheImportOpensIsToldAsOne) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .extension_module = true},
                      {.path = "app/a/libx.so", .needed = {"liby.so"}},
                      {.path = "app/b/liby.so", .needed = {"libx.so"}}},
        .openers = {{.path = "app/__init__.py", .opened = {"libx.so", "liby.so"}}}}});
  ASSERT_THAT(planned.plan.circles, SizeIs(1));
  EXPECT_FALSE(planned.plan.circles[0].loads);
  EXPECT_THAT(planned.plan.circles[0].libraries, ElementsAre(1u, 2u));
  EXPECT_THAT(planned.plan.missing, IsEmpty());
}

/// libx.so would bring liby.so; what both lack is the one thing to tell.
TEST(PreloadModel, ACircleThatOneMemberOpensIsNotToldForWhatThatMemberLacks) {
  const Planned planned(
      {{.name = "app",
        .libraries =
            {{.path = "app/_C.so", .extension_module = true},
             {.path = "app/a/libx.so", .needed = {"liby.so", "liba.so"}, .runpath = "$ORIGIN/../b"},
             {.path = "app/b/liby.so", .needed = {"libx.so"}}},
        .openers = {{.path = "app/__init__.py", .opened = {"liby.so", "libx.so"}}}},
       {.name = "one", .libraries = {{.path = "one/lib/liba.so", .without_soname = true}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_EQ(planned.plan.missing[0].name, "liba.so");
}

TEST(PreloadModel, ACircleInAWheelIsOpenedByTheMemberThatFindsTheOthers) {
  const Planned planned(
      {app_that_needs({"liba.so"}),
       {.name = "one",
        .libraries = {{.path = "one/lib/liba.so", .needed = {"libb.so"}},
                      {.path = "one/lib/libb.so", .needed = {"liba.so"}, .runpath = "$ORIGIN"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/libb.so", "one/lib/liba.so"));
  ASSERT_THAT(planned.plan.circles, SizeIs(1));
  EXPECT_THAT(planned.plan.circles[0].libraries, ElementsAre(1u, 2u));
  EXPECT_TRUE(planned.plan.circles[0].loads);
  EXPECT_EQ(planned.plan.circles[0].how,
            "`libb.so` is opened first and finds the other by its own paths");
  EXPECT_TRUE(planned.plan.is_whole());
}

/// Each finds the other only in one folder.
std::vector<support::WheelSpec> circle_over_wheels() {
  return {app_that_needs({"liba.so"}),
          {.name = "one",
           .libraries = {{.path = "one/lib/liba.so",
                          .needed = {"libb.so"},
                          .runpath = "$ORIGIN/../../two/lib"}}},
          {.name = "two",
           .libraries = {{.path = "two/lib/libb.so",
                          .needed = {"liba.so"},
                          .runpath = "$ORIGIN/../../one/lib"}}}};
}

TEST(PreloadModel, ACircleOverWheelsIsBrokenByAMemberWithACopyBesideIt) {
  auto wheels = circle_over_wheels();
  auto& two = wheels[2].libraries;
  two[0].runpath = "$ORIGIN/../../one/lib:$ORIGIN/../copy";
  two.push_back({.path = "two/copy/liba.so", .needed = {"libb.so"}});
  const Planned planned(wheels);
  ASSERT_THAT(planned.plan.circles, SizeIs(1));
  EXPECT_TRUE(planned.plan.circles[0].loads);
  EXPECT_THAT(planned.paths(), ElementsAre("two/lib/libb.so", "one/lib/liba.so"));
  EXPECT_TRUE(planned.plan.is_whole());
}

TEST(PreloadModel, ACircleOverWheelsThatNoMemberOpensIsImpossible) {
  const Planned planned(circle_over_wheels());
  ASSERT_THAT(planned.plan.circles, SizeIs(1));
  EXPECT_FALSE(planned.plan.circles[0].loads);
  EXPECT_THAT(planned.plan.circles[0].libraries, ElementsAre(1u, 2u));
  EXPECT_THAT(planned.plan.missing, IsEmpty()) << "it is the circle's fault, and that is told";
  EXPECT_FALSE(planned.plan.is_whole());
}

TEST(PreloadModel, ACircleThroughTheMainWheelIsImpossibleToo) {
  const Planned planned(
      {{.name = "app",
        .libraries =
            {{.path = "app/_C.so",
              .needed = {"libx.so"},
              .runpath = "$ORIGIN",
              .extension_module = true},
             {.path = "app/libx.so", .needed = {"liby.so"}, .runpath = "$ORIGIN"},
             {.path = "app/liby.so", .needed = {"libz.so"}, .runpath = "$ORIGIN/../one/lib"}}},
       {.name = "one",
        .libraries = {
            {.path = "one/lib/libz.so", .needed = {"libx.so"}, .runpath = "$ORIGIN/../../app"}}}});
  ASSERT_THAT(planned.plan.circles, SizeIs(1));
  EXPECT_THAT(planned.plan.circles[0].libraries, SizeIs(3));
  EXPECT_FALSE(planned.plan.is_whole());
}

/// libm.so would bring both, but the import opens those that find nobody.
TEST(PreloadModel, AMemberThatOpensTheCircleIsLoadedWhereTheImportOpensOthers) {
  const Planned planned(
      {{.name = "app",
        .libraries =
            {{.path = "app/_C.so", .extension_module = true},
             {.path = "app/a/liba.so", .needed = {"libb.so"}},
             {.path = "app/b/libb.so", .needed = {"libm.so", "liba.so"}, .runpath = "$ORIGIN/../m"},
             {.path = "app/m/libm.so",
              .needed = {"liba.so", "libb.so"},
              .runpath = "$ORIGIN/../a:$ORIGIN/../b"}},
        .openers = {{.path = "app/__init__.py", .opened = {"liba.so", "libb.so"}}}}});
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.paths(), ElementsAre("app/m/libm.so"));
  ASSERT_THAT(planned.plan.circles, SizeIs(1));
  EXPECT_EQ(planned.plan.circles[0].how,
            "`libm.so` is opened first and finds the others by its own paths");
}

/// The import misses libe.so, which misses libd.so; that one brings all, by an RPATH.
TEST(PreloadModel, BehindTheMemberThatOpensTheCircleTheOthersAreNotListed) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so", .extension_module = true},
                                        {.path = "app/a/liba.so", .needed = {"libe.so"}},
                                        {.path = "app/d/libd.so",
                                         .needed = {"liba.so"},
                                         .rpath = "$ORIGIN/../a:$ORIGIN/../e"},
                                        {.path = "app/e/libe.so", .needed = {"libd.so"}}},
                          .openers = {{.path = "app/__init__.py", .opened = {"liba.so"}}}}});
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.paths(), ElementsAre("app/d/libd.so"));
}

/// In one folder libt.so finds one's liby.so; with a folder a wheel it finds the other, which needs
/// libf.so: a circle of failures where there is none of needs.
TEST(PreloadModel, FailuresInACircleAreToldThoughTheNeedsAreNone) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .extension_module = true},
                      {.path = "app/f/libf.so", .needed = {"libt.so"}},
                      {.path = "app/t/libt.so",
                       .needed = {"liby.so"},
                       .runpath = "$ORIGIN/../../one/lib:$ORIGIN/../y"},
                      {.path = "app/y/liby.so", .needed = {"libf.so"}}},
        .openers = {{.path = "app/__init__.py", .opened = {"libf.so", "libt.so"}}}},
       {.name = "one", .libraries = {{.path = "one/lib/liby.so", .soname = "libother.so"}}}});
  EXPECT_FALSE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.missing, testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace spokeshave
