#include "src/preload_findings.h"

#include <gmock/gmock.h>

#include "tests/support/preload_builder.h"

namespace spokeshave {
namespace {

using support::app_that_needs;
using support::Planned;
using support::WheelSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// In one folder each process loads another liba.so; with the list there is one.
TEST(PreloadFindings, OfTwoWithOneSonameTheFirstIsLoadedAndMeetsLaterNeeds) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so",
                       .needed = {"libx.so"},
                       .runpath = "$ORIGIN/../one/lib",
                       .extension_module = true},
                      {.path = "app/bin/tool",
                       .needed = {"liby.so"},
                       .runpath = "$ORIGIN/../../two/lib",
                       .program = true}}},
       {.name = "one",
        .libraries = {{.path = "one/lib/liba.so"},
                      {.path = "one/lib/libx.so", .needed = {"liba.so"}, .runpath = "$ORIGIN"}}},
       {.name = "two",
        .libraries = {{.path = "two/lib/liba.so"},
                      {.path = "two/lib/liby.so", .needed = {"liba.so"}, .runpath = "$ORIGIN"}}}});
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.paths(),
              ElementsAre("one/lib/liba.so", "one/lib/libx.so", "two/lib/liby.so"));
  EXPECT_THAT(planned.plan.steps[0].needed_by, ElementsAre("one/lib/libx.so", "two/lib/liby.so"));
  EXPECT_THAT(planned.plan.notes,
              ElementsAre("`one/lib/liba.so` of one 1.0 and `two/lib/liba.so` of two 1.0 have one "
                          "SONAME, `liba.so`: the first, loaded before, meets later needs for "
                          "both",
                          HasSubstr("`tool`")));
}

TEST(PreloadFindings, AChoiceOfBearersIsToldOnceForAllThatMissTheName) {
  WheelSpec app = app_that_needs({"liba.so"}, "");
  app.libraries.push_back({.path = "app/_D.so", .needed = {"liba.so"}, .extension_module = true});
  const Planned planned({app,
                         {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}},
                         {.name = "two", .libraries = {{.path = "two/lib/liba.so"}}}});
  EXPECT_THAT(planned.plan.notes,
              ElementsAre("several wheels have `liba.so`, and no path of `_C.so` and `_D.so` "
                          "leads to one: that of one is taken, of one and two"));
}

TEST(PreloadFindings, APluginInACircleThatNobodyCanOpenIsLeftOutAndNamed) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so", .extension_module = true},
                                        {.path = "app/libplugin.so",
                                         .needed = {"liba.so"},
                                         .runpath = "$ORIGIN/../one/lib"}}},
                         {.name = "one",
                          .libraries = {{.path = "one/lib/liba.so",
                                         .needed = {"libplugin.so"},
                                         .runpath = "$ORIGIN/../../app"}}}});
  EXPECT_THAT(planned.paths(), IsEmpty());
  EXPECT_THAT(planned.plan.circles, IsEmpty());
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.notes,
              ElementsAre("`libplugin.so`, which is opened only while code runs, or never, and "
                          "`liba.so` need each other; none can be opened first: neither it nor "
                          "what it needs is loaded beforehand for that"));
}

TEST(PreloadFindings, APluginThatNeedsACircleThatNobodyCanOpenIsLeftOutAndNamed) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .extension_module = true},
                      {.path = "app/libplugin.so", .needed = {"libx.so"}}}},
       {.name = "one", .libraries = {{.path = "one/lib/libx.so", .needed = {"liby.so"}}}},
       {.name = "two", .libraries = {{.path = "two/lib/liby.so", .needed = {"libx.so"}}}}});
  EXPECT_THAT(planned.paths(), IsEmpty());
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.notes,
              ElementsAre("`libplugin.so`, which is opened only while code runs, or never, needs "
                          "`libx.so` and `liby.so`, which need each other and of which none can "
                          "be opened first: neither it nor what it needs is loaded beforehand for "
                          "that"));
}

TEST(PreloadFindings, ATargetOfDlopenInACircleThatNobodyCanOpenIsLeftOutToo) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .mentions = {"libx.so"}, .extension_module = true}}},
       {.name = "one", .libraries = {{.path = "one/lib/libx.so", .needed = {"liby.so"}}}},
       {.name = "two", .libraries = {{.path = "two/lib/liby.so", .needed = {"libx.so"}}}}});
  EXPECT_THAT(planned.paths(), IsEmpty());
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.notes,
              ElementsAre(HasSubstr("`libx.so`, which is opened only while code runs, or never, "
                                    "and `liby.so` need each other")));
}

/// The code asks for the SONAME; the loader's words have no other name.
TEST(PreloadFindings, WhatIsLeftOutIsNamedByItsSonameTooWhereTheFileIsCalledOtherwise) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .mentions = {"libx.so"}, .extension_module = true}}},
       {.name = "one",
        .libraries =
            {{.path = "one/lib/libx-1a2b.so", .needed = {"liby.so"}, .soname = "libx.so"}}},
       {.name = "two", .libraries = {{.path = "two/lib/liby.so", .needed = {"libx.so"}}}}});
  EXPECT_THAT(planned.plan.notes, ElementsAre(HasSubstr("`libx-1a2b.so` (SONAME `libx.so`)")));
}

TEST(PreloadFindings, ATargetOfDlopenWithoutTheNameIsLeftOutAndNamed) {
  const Planned planned(
      {app_that_needs({"liba.so"}),
       {.name = "one",
        .libraries = {{.path = "one/lib/liba.so",
                       .runpath = "$ORIGIN/../../two/lib",
                       .mentions = {"libbare.so"}}}},
       {.name = "two", .libraries = {{.path = "two/lib/libbare.so", .without_soname = true}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/liba.so"));
  EXPECT_THAT(planned.plan.notes,
              ElementsAre("`liba.so` may open `libbare.so` by dlopen, which is "
                          "`two/lib/libbare.so` of two 1.0, which has no SONAME: loaded beforehand "
                          "it would not be found either"));
}

TEST(PreloadFindings, AProgramThatMissesALibraryInOneFolderTooIsNamedWithIt) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .extension_module = true},
                      {.path = "app/bin/tool", .needed = {"liby.so"}, .program = true}}},
       {.name = "one", .libraries = {{.path = "one/lib/liby.so", .soname = "libx.so"}}}});
  EXPECT_THAT(planned.paths(), IsEmpty());
  EXPECT_THAT(
      planned.plan.notes,
      ElementsAre("nothing is loaded beforehand for a program: `tool` does not start even where "
                  "all wheels share one folder, unless with LD_LIBRARY_PATH"));
}

TEST(PreloadFindings, APluginThatLacksWhatNobodyIsToBringIsLeftOutAndNamed) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .extension_module = true},
                      {.path = "app/libplugin.so", .needed = {"liba.so", "libibverbs.so.1"}}}},
       {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  EXPECT_THAT(planned.paths(), IsEmpty());
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.notes, ElementsAre(HasSubstr("`libplugin.so`")));
  EXPECT_THAT(planned.plan.notes.front(), HasSubstr("`libibverbs.so.1`"));
}

TEST(PreloadFindings, APluginThatLacksWhatAWheelWasToBringMissesIt) {
  WheelSpec app = {.name = "app",
                   .libraries = {{.path = "app/_C.so", .extension_module = true},
                                 {.path = "app/libplugin.so", .needed = {"libcublas.so.12"}}},
                   .requirements = {"numpy", "nvidia-cublas-cu12"}};
  const Planned planned({app});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_THAT(planned.plan.missing[0].requirements, ElementsAre("nvidia-cublas-cu12"));
}

TEST(PreloadFindings, WhatIsMissingIsNamedWithTheRequirementThatShouldBringIt) {
  WheelSpec app = app_that_needs({"libcusparse.so.12", "libtoy.so"});
  app.requirements = {"filelock", "one"};
  const Planned planned(
      {app,
       {.name = "one",
        .libraries = {{.path = "one/lib/libcusparse.so.12",
                       .needed = {"libnvJitLink.so.12", "libcuda.so.1", "libc.so.6"}}},
        .requirements = {"nvidia-cublas-cu12", "nvidia-nvjitlink-cu12"}}});
  EXPECT_FALSE(planned.plan.is_whole());
  ASSERT_THAT(planned.plan.missing, SizeIs(2)) << "neither the driver's nor the system's";
  const PreloadMissing& jit = planned.plan.missing[0];
  EXPECT_EQ(jit.name, "libnvJitLink.so.12");
  EXPECT_THAT(jit.needed_by, ElementsAre("one/lib/libcusparse.so.12"));
  EXPECT_THAT(jit.requirements, ElementsAre("nvidia-nvjitlink-cu12"));
  const PreloadMissing& toy = planned.plan.missing[1];
  EXPECT_EQ(toy.name, "libtoy.so");
  EXPECT_THAT(toy.requirements, ElementsAre("filelock")) << "all that could";
  EXPECT_TRUE(planned.plan.steps[0].line.needs_other_wheels);
}

TEST(PreloadFindings, ALibraryThatCannotBeReadIsTheReasonWhyItIsMissing) {
  const Planned planned({app_that_needs({"liba.so"}),
                         {.name = "one",
                          .unreadable = {{"one/lib/liba.so", "the file ends early", true},
                                         {"one/lib/libb.so", "no header", true}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_EQ(planned.plan.missing[0].why,
            "`one/lib/liba.so` of one 1.0 cannot be read: the file ends early");
  EXPECT_THAT(planned.plan.notes, SizeIs(2)) << "both are told of";
}

TEST(PreloadFindings, AnotherVersionOfAWheelIsTheReasonWhyALibraryIsMissing) {
  const Planned planned(
      {app_that_needs({"libcublas.so.12"}),
       {.name = "nvidia-cublas-cu12", .libraries = {{.path = "one/lib/libcublas.so.11"}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_EQ(planned.plan.missing[0].why, "no wheel here has it, not even nvidia-cublas-cu12 1.0");
  EXPECT_THAT(planned.plan.missing[0].requirements, IsEmpty());
}

TEST(PreloadFindings, AMangledNameOfAnotherWheelCannotBeHelped) {
  const Planned planned(
      {app_that_needs({"libgomp-a34b3233.so.1"}),
       {.name = "one",
        .libraries = {{.path = "one/lib/libgomp-a34b3233.so.1", .soname = "libgomp.so.1"}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_EQ(planned.plan.missing[0].why,
            "it is `one/lib/libgomp-a34b3233.so.1` of one 1.0, whose SONAME is `libgomp.so.1`: "
            "loaded beforehand it does not meet the need, for the loader compares SONAMEs");
  EXPECT_EQ(planned.plan.missing[0].way_out,
            "patch that wheel: --set-soname 'libgomp-a34b3233.so.1=libgomp-a34b3233.so.1'");
}

TEST(PreloadFindings, ALibraryWithoutASonameCannotBeHelped) {
  const Planned planned(
      {app_that_needs({"liba.so"}),
       {.name = "one", .libraries = {{.path = "one/lib/liba.so", .without_soname = true}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_THAT(planned.plan.missing[0].why, HasSubstr("which has no SONAME"));
}

TEST(PreloadFindings, NothingHelpsUnderMusl) {
  std::vector<WheelSpec> wheels = {app_that_needs({"liba.so"}),
                                   {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}};
  for (auto& wheel : wheels) wheel.platform_tag = "musllinux_1_2_x86_64";
  const Planned planned(wheels);
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_EQ(planned.plan.missing[0].why,
            "it is `one/lib/liba.so` of one 1.0; musl meets no need by a library that was loaded "
            "by its path");
  EXPECT_FALSE(planned.plan.is_whole());
}

TEST(PreloadFindings, WhatNoPathOfTheMainWheelFindsInItIsLoadedBeforehandToo) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so",
                                         .needed = {"libmine.so", "liba.so"},
                                         .runpath = "$ORIGIN/../one/lib",
                                         .extension_module = true},
                                        {.path = "app/lib/libmine.so"}}},
                         {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("app/lib/libmine.so", "one/lib/liba.so"));
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.notes, IsEmpty());
}

/// The first has the name under which the second is wanted as its SONAME only.
TEST(PreloadFindings, ASonameOfTheMainWheelOrdersItsOwnLibrariesToo) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .needed = {"liba.so"}, .extension_module = true},
                      {.path = "app/libm1.so", .needed = {"libm.so.1"}, .runpath = "$ORIGIN"},
                      {.path = "app/libm2.so", .soname = "libm.so.1"}}},
       {.name = "one", .libraries = {{.path = "one/lib/liba.so", .needed = {"libm1.so"}}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("app/libm2.so", "app/libm1.so", "one/lib/liba.so"));
  EXPECT_TRUE(planned.plan.is_whole());
}

TEST(PreloadFindings, ALibraryForAnotherMachineIsToldAsSuch) {
  const Planned planned(
      {app_that_needs({"liba.so"}),
       {.name = "one", .libraries = {{.path = "one/lib/liba.so", .machine = elf::EM_AARCH64}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_EQ(planned.plan.missing[0].why,
            "it is `one/lib/liba.so` of one 1.0, which is built for another machine than "
            "`app/_C.so`");
}

TEST(PreloadFindings, AProgramIsAProcessOfItsOwnAndThatIsSaid) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so", .extension_module = true},
                                        {.path = "app/bin/tool",
                                         .needed = {"liba.so"},
                                         .runpath = "$ORIGIN/../../one/lib",
                                         .program = true}}},
                         {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/liba.so"));
  EXPECT_THAT(planned.plan.notes, ElementsAre(HasSubstr("`tool` starts only where")));
}

TEST(PreloadFindings, ARelativePathIsMissingWhateverIsLoadedBeforehand) {
  const Planned planned(
      {app_that_needs({"./liba.so"}), {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_EQ(planned.plan.missing[0].name, "./liba.so");
  EXPECT_THAT(planned.plan.missing[0].needed_by, ElementsAre("app/_C.so"));
  EXPECT_EQ(planned.plan.missing[0].way_out,
            "patch that wheel: --replace-needed '_C.so:./liba.so=liba.so'");
}

TEST(PreloadFindings, WhatIsLoadedBeforehandAndMissesARelativePathIsToldOnce) {
  const Planned planned(
      {app_that_needs({"liba.so"}),
       {.name = "one", .libraries = {{.path = "one/lib/liba.so", .needed = {"sub/libb.so"}}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_THAT(planned.plan.missing[0].needed_by, ElementsAre("one/lib/liba.so"));
  EXPECT_THAT(planned.plan.notes, IsEmpty());
}

TEST(PreloadFindings, APluginThatMissesARelativePathIsLeftOutAndNamed) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so", .extension_module = true},
                                        {.path = "app/libplugin.so", .needed = {"./liba.so"}}}}});
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.notes, ElementsAre(HasSubstr("`./liba.so`")));
}

}  // namespace
}  // namespace spokeshave
