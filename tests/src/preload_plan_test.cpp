#include "src/preload_plan.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "src/failure.h"
#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::inspection_of;
using support::LibrarySpec;
using support::TextSpec;
using support::WheelSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Wheels of which the first is the main one, and what is decided of them.
struct Planned {
  Inspection inspection;
  PreloadPlan plan;

  explicit Planned(const std::vector<WheelSpec>& wheels,
                   const std::vector<TextSpec>& texts = {{"app/__init__.py"}},
                   PreloadRequest request = {})
      : inspection(inspection_of(wheels)) {
    if (request.version.empty()) request.version = "1.0";
    const auto& main = wheels.front();
    plan = plan_preload(inspection, support::make_wheel(main.name, main.libraries, texts).outline,
                        request);
  }

  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const auto& step : plan.steps) paths.push_back(step.line.path);
    return paths;
  }
};

/// A main wheel `app` whose one extension module needs these libraries, and finds them in one
/// folder.
WheelSpec app_that_needs(const std::vector<std::string>& needed,
                         const std::string& runpath = "$ORIGIN/../one/lib:$ORIGIN/../two/lib") {
  return {
      .name = "app",
      .libraries = {
          {.path = "app/_C.so", .needed = needed, .runpath = runpath, .extension_module = true}}};
}

TEST(PlanPreload, IsWhatOtherWheelsBringEachAfterAllThatItNeeds) {
  const Planned planned({app_that_needs({"liba.so"}),
                         {.name = "one",
                          .libraries = {{.path = "one/lib/liba.so",
                                         .needed = {"libz.so", "libb.so"},
                                         .runpath = "$ORIGIN:$ORIGIN/../../two/lib"},
                                        {.path = "one/lib/libb.so"},
                                        {.path = "one/lib/libidle.so"}}},
                         {.name = "two", .libraries = {{.path = "two/lib/libz.so"}}}});
  EXPECT_THAT(planned.paths(),
              ElementsAre("one/lib/libb.so", "two/lib/libz.so", "one/lib/liba.so"));
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.notes, IsEmpty());
  EXPECT_EQ(planned.plan.init_path, "app/__init__.py");
}

TEST(PlanPreload, TellsOfEachLibraryWhoBringsItAndWhoNeedsIt) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so",
                                         .needed = {"libapp.so", "liba.so"},
                                         .runpath = "$ORIGIN:$ORIGIN/../one/lib",
                                         .extension_module = true},
                                        {.path = "app/bin/tool",
                                         .needed = {"liba.so"},
                                         .runpath = "$ORIGIN/../../one/lib",
                                         .program = true},
                                        {.path = "app/libapp.so",
                                         .needed = {"liba.so"},
                                         .runpath = "$ORIGIN/../one/lib"}}},
                         {.name = "one",
                          .libraries = {{.path = "one/lib/liba-1.so", .soname = "liba.so"},
                                        {.path = "one/lib/liba.so"}}}});
  ASSERT_THAT(planned.plan.steps, SizeIs(1));
  const PreloadStep& step = planned.plan.steps.front();
  EXPECT_EQ(step.line.path, "one/lib/liba.so");
  EXPECT_EQ(step.line.soname, "liba.so");
  EXPECT_EQ(step.line.requirement, "one==1.0");
  EXPECT_EQ(step.reason, "needed by libapp.so of app");
  EXPECT_THAT(step.needed_by, ElementsAre("app/libapp.so", "app/_C.so", "app/bin/tool"))
      << "the best reason first";
  EXPECT_FALSE(step.by_dlopen);
  EXPECT_FALSE(step.line.needs_other_wheels);
}

TEST(PlanPreload, IsEmptyWhereTheMainWheelNeedsNothingOfOthers) {
  const Planned planned(
      {app_that_needs({"libc.so.6"}), {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  EXPECT_THAT(planned.paths(), IsEmpty());
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.unneeded, ElementsAre(1u));
  EXPECT_EQ(planned.plan.init_path, "app/__init__.py");
}

TEST(PlanPreload, ALibraryOfTheMainWheelIsLoadedOnlyForOneOfAnother) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so",
                                         .needed = {"liba.so", "libcore.so", "libmine.so"},
                                         .runpath = "$ORIGIN/lib:$ORIGIN/../one/lib",
                                         .extension_module = true},
                                        {.path = "app/lib/libcore.so",
                                         .needed = {"libdeep.so"},
                                         .runpath = "$ORIGIN"},
                                        {.path = "app/lib/libdeep.so"},
                                        {.path = "app/lib/libmine.so"}}},
                         {.name = "one",
                          .libraries = {{.path = "one/lib/liba.so",
                                         .needed = {"libcore.so"},
                                         .runpath = "$ORIGIN/../../app/lib"}}}},
                        {{"app/__init__.py"}}, {.version = "1.0+new"});
  EXPECT_THAT(planned.paths(), ElementsAre("app/lib/libcore.so", "one/lib/liba.so"));
  EXPECT_EQ(planned.plan.steps[0].line.requirement, "app==1.0+new")
      << "the main wheel by its new version";
  EXPECT_EQ(planned.plan.steps[0].reason, "needed by _C.so of app");
  EXPECT_THAT(planned.plan.steps[0].needed_by, ElementsAre("app/_C.so", "one/lib/liba.so"));
}

TEST(PlanPreload, ANeedThatNoPathMeetsIsMetByTheBearerOfItsSoname) {
  const Planned planned(
      {app_that_needs({"libcublas.so.12"}, ""),
       {.name = "cublas", .libraries = {{.path = "nvidia/cublas/lib/libcublas.so.12"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("nvidia/cublas/lib/libcublas.so.12"));
  EXPECT_TRUE(planned.plan.is_whole());
}

TEST(PlanPreload, OfSeveralBearersThatOfARequiredWheelIsTakenAndItIsSaid) {
  WheelSpec app = app_that_needs({"liba.so"}, "");
  app.requirements = {"two"};
  const Planned planned({app,
                         {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}},
                         {.name = "two", .libraries = {{.path = "two/lib/liba.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("two/lib/liba.so"));
  EXPECT_THAT(planned.plan.notes,
              ElementsAre("several wheels have `liba.so`, and no path of `_C.so` leads to one: "
                          "that of two is taken, of one and two"));
  EXPECT_THAT(planned.plan.unneeded, ElementsAre(1u));
}

TEST(PlanPreload, OfSeveralBearersThatOfTheNeedingWheelIsTakenInSilence) {
  const Planned planned({app_that_needs({"libx.so"}),
                         {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}},
                         {.name = "two",
                          .libraries = {{.path = "two/lib/liba.so"},
                                        {.path = "two/lib/libx.so", .needed = {"liba.so"}}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("two/lib/liba.so", "two/lib/libx.so"));
  EXPECT_THAT(planned.plan.notes, IsEmpty());
}

TEST(PlanPreload, OfTwoLoadedWithOneSonameTheFirstMeetsLaterNeeds) {
  const Planned planned(
      {app_that_needs({"libx.so", "liby.so"}),
       {.name = "one",
        .libraries = {{.path = "one/lib/liba.so"},
                      {.path = "one/lib/libx.so", .needed = {"liba.so"}, .runpath = "$ORIGIN"}}},
       {.name = "two",
        .libraries = {
            {.path = "two/own/liba.so"},
            {.path = "two/lib/liby.so", .needed = {"libb.so"}, .runpath = "$ORIGIN"},
            {.path = "two/lib/libb.so", .needed = {"liba.so"}, .runpath = "$ORIGIN/../own"}}}});
  EXPECT_TRUE(planned.plan.is_whole());
  for (const auto& note : planned.plan.notes) {
    EXPECT_THAT(note, HasSubstr("`one/lib/liba.so` of one 1.0, loaded first"));
  }
}

TEST(PlanPreload, ATargetOfDlopenIsLoadedWhereItOrWhatItNeedsIsNotFoundAlone) {
  const Planned planned(
      {app_that_needs({"libdnn.so"}),
       {.name = "one",
        .libraries =
            {{.path = "one/lib/libblas.so"},
             {.path = "one/lib/libdnn.so",
              .runpath = "$ORIGIN",
              .mentions = {"libdnn_needs.so", "libdnn_opens.so", "libdnn_whole.so", "libfar.so"}},
             {.path = "one/lib/libdnn_needs.so",
              .needed = {"libtwo.so"},
              .runpath = "$ORIGIN/../../two/lib"},
             {.path = "one/lib/libdnn_opens.so",
              .runpath = "$ORIGIN/../../two/lib",
              .mentions = {"libtwo.so"}},
             {.path = "one/lib/libdnn_whole.so", .needed = {"libblas.so"}, .runpath = "$ORIGIN"}}},
       {.name = "two",
        .libraries = {{.path = "two/lib/libfar.so"}, {.path = "two/lib/libtwo.so"}}}});
  EXPECT_THAT(planned.paths(),
              ElementsAre("one/lib/libdnn.so", "one/lib/libdnn_opens.so", "two/lib/libfar.so",
                          "two/lib/libtwo.so", "one/lib/libdnn_needs.so"))
      << "libdnn_whole.so is found beside, and finds all";
  const PreloadStep& opened = planned.plan.steps[1];
  EXPECT_TRUE(opened.by_dlopen);
  EXPECT_EQ(opened.reason, "opened by libdnn.so of one");
  EXPECT_THAT(opened.needed_by, ElementsAre("one/lib/libdnn.so"));
}

TEST(PlanPreload, NeitherModulesNorProgramsAreTargetsOfDlopen) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .extension_module = true},
                      {.path = "app/libapp.so", .mentions = {"libmod.so", "tool.so"}}}},
       {.name = "one",
        .libraries = {{.path = "one/libmod.so", .soname = "libmod.so", .extension_module = true},
                      {.path = "one/tool.so", .program = true}}}});
  EXPECT_THAT(planned.paths(), IsEmpty());
}

TEST(PlanPreload, WhatAPluginOfTheMainWheelNeedsIsLoadedThePluginIsNot) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .extension_module = true},
                      {.path = "app/plugins/libplugin.so", .needed = {"liba.so"}}}},
       {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/liba.so"));
}

TEST(PlanPreload, APluginThatLacksWhatNobodyIsToBringIsLeftOutAndNamed) {
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

TEST(PlanPreload, APluginThatLacksWhatAWheelWasToBringMissesIt) {
  WheelSpec app = {.name = "app",
                   .libraries = {{.path = "app/_C.so", .extension_module = true},
                                 {.path = "app/libplugin.so", .needed = {"libcublas.so.12"}}},
                   .requirements = {"numpy", "nvidia-cublas-cu12"}};
  const Planned planned({app});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_THAT(planned.plan.missing[0].requirements, ElementsAre("nvidia-cublas-cu12"));
}

TEST(PlanPreload, WhatIsMissingIsNamedWithTheRequirementThatShouldBringIt) {
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

TEST(PlanPreload, ALibraryThatCannotBeReadIsTheReasonWhyItIsMissing) {
  const Planned planned({app_that_needs({"liba.so"}),
                         {.name = "one",
                          .unreadable = {{"one/lib/liba.so", "the file ends early", true},
                                         {"one/lib/libb.so", "no header", true}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_EQ(planned.plan.missing[0].why,
            "`one/lib/liba.so` of one 1.0 cannot be read: the file ends early");
  EXPECT_THAT(planned.plan.notes, SizeIs(2)) << "both are told of";
}

TEST(PlanPreload, AnotherVersionOfAWheelIsTheReasonWhyALibraryIsMissing) {
  const Planned planned(
      {app_that_needs({"libcublas.so.12"}),
       {.name = "nvidia-cublas-cu12", .libraries = {{.path = "one/lib/libcublas.so.11"}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_EQ(planned.plan.missing[0].why, "no wheel here has it, not even nvidia-cublas-cu12 1.0");
  EXPECT_THAT(planned.plan.missing[0].requirements, IsEmpty());
}

TEST(PlanPreload, AMangledNameOfAnotherWheelCannotBeHelped) {
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

TEST(PlanPreload, ALibraryWithoutASonameCannotBeHelped) {
  const Planned planned(
      {app_that_needs({"liba.so"}),
       {.name = "one", .libraries = {{.path = "one/lib/liba.so", .without_soname = true}}}});
  ASSERT_THAT(planned.plan.missing, SizeIs(1));
  EXPECT_THAT(planned.plan.missing[0].why, HasSubstr("which has no SONAME"));
}

TEST(PlanPreload, OneFaultIsToldOnceAndNotForAllThatFailWithIt) {
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

TEST(PlanPreload, ACircleInAWheelIsOpenedByTheMemberThatFindsTheOthers) {
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

TEST(PlanPreload, ACircleOverWheelsIsBrokenByAMemberWithACopyBesideIt) {
  const Planned planned({app_that_needs({"liba.so"}),
                         {.name = "one",
                          .libraries = {{.path = "one/lib/liba.so",
                                         .needed = {"libb.so"},
                                         .runpath = "$ORIGIN/../../two/lib"}}},
                         {.name = "two",
                          .libraries = {{.path = "two/lib/libb.so",
                                         .needed = {"liba.so"},
                                         .runpath = "$ORIGIN/../../one/lib:$ORIGIN/../copy"},
                                        {.path = "two/copy/liba.so", .needed = {"libb.so"}}}}});
  ASSERT_THAT(planned.plan.circles, SizeIs(1));
  EXPECT_TRUE(planned.plan.circles[0].loads);
  EXPECT_THAT(planned.paths(), ElementsAre("two/lib/libb.so", "one/lib/liba.so"));
  EXPECT_TRUE(planned.plan.is_whole());
}

TEST(PlanPreload, ACircleOverWheelsThatNoMemberOpensIsImpossible) {
  const Planned planned({app_that_needs({"liba.so"}),
                         {.name = "one",
                          .libraries = {{.path = "one/lib/liba.so",
                                         .needed = {"libb.so"},
                                         .runpath = "$ORIGIN/../../two/lib"}}},
                         {.name = "two",
                          .libraries = {{.path = "two/lib/libb.so",
                                         .needed = {"liba.so"},
                                         .runpath = "$ORIGIN/../../one/lib"}}}});
  ASSERT_THAT(planned.plan.circles, SizeIs(1));
  EXPECT_FALSE(planned.plan.circles[0].loads);
  EXPECT_THAT(planned.plan.circles[0].libraries, ElementsAre(1u, 2u));
  EXPECT_THAT(planned.plan.missing, IsEmpty()) << "it is the circle's fault, and that is told";
  EXPECT_FALSE(planned.plan.is_whole());
}

TEST(PlanPreload, ACircleThroughTheMainWheelIsImpossibleToo) {
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

TEST(PlanPreload, NothingHelpsUnderMusl) {
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

TEST(PlanPreload, WhatOneFolderDoesNotHelpEitherIsANote) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so",
                                         .needed = {"libmine.so", "liba.so"},
                                         .runpath = "$ORIGIN/../one/lib",
                                         .extension_module = true},
                                        {.path = "app/lib/libmine.so"}}},
                         {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/liba.so"));
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.notes,
              ElementsAre("`_C.so` does not find `libmine.so` although its wheel has it: it is so "
                          "in one folder too"));
}

TEST(PlanPreload, AProgramIsAProcessOfItsOwnAndThatIsSaid) {
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

TEST(PlanPreload, IsTheSameInWhateverOrderTheOtherWheelsAre) {
  const WheelSpec app = app_that_needs(
      {"liba.so", "libb.so"}, "$ORIGIN/../one/lib:$ORIGIN/../two/lib:$ORIGIN/../three/lib");
  std::vector<WheelSpec> others = {
      {.name = "one", .libraries = {{.path = "one/lib/liba.so", .needed = {"libc1.so"}}}},
      {.name = "three",
       .libraries = {{.path = "three/lib/libc1.so"}, {.path = "three/lib/libc2.so"}}},
      {.name = "two", .libraries = {{.path = "two/lib/libb.so", .needed = {"libc2.so"}}}}};
  std::vector<std::vector<std::string>> lists;
  do {
    std::vector<WheelSpec> wheels = {app};
    wheels.insert(wheels.end(), others.begin(), others.end());
    std::vector<std::string> lines;
    const Planned planned(wheels);
    for (const auto& step : planned.plan.steps) lines.push_back(step.line.path + " " + step.reason);
    std::sort(lines.begin(),
              lines.end());  // the command puts the wheels in order (preload_test.py)
    lists.push_back(lines);
  } while (std::next_permutation(others.begin(), others.end(),
                                 [](const auto& a, const auto& b) { return a.name < b.name; }));
  EXPECT_THAT(lists, SizeIs(6));
  EXPECT_THAT(lists, testing::Each(lists.front()));
}

TEST(PlanPreload, ThePackageIsTheOneThatNeedsMostAndTheOtherIsNamed) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "big/_C.so",
                       .needed = {"liba.so", "libb.so"},
                       .runpath = "$ORIGIN/../one/lib",
                       .extension_module = true},
                      {.path = "app/_C.so",
                       .needed = {"liba.so"},
                       .runpath = "$ORIGIN/../one/lib",
                       .extension_module = true}}},
       {.name = "one", .libraries = {{.path = "one/lib/liba.so"}, {.path = "one/lib/libb.so"}}}},
      {{"app/__init__.py"}, {"big/__init__.py"}, {"big/inner/__init__.py"}});
  EXPECT_EQ(planned.plan.init_path, "big/__init__.py");
  EXPECT_THAT(planned.plan.notes,
              ElementsAre("`import app` needs them too: it works only after `import big`, unless "
                          "it imports that itself"));
}

TEST(PlanPreload, OfEqualPackagesItIsTheOneWithTheWheelsName) {
  const std::vector<WheelSpec> wheels = {
      {.name = "my-app",
       .libraries = {{.path = "a/_C.so",
                      .needed = {"liba.so"},
                      .runpath = "$ORIGIN/../one/lib",
                      .extension_module = true},
                     {.path = "my_app/_C.so",
                      .needed = {"liba.so"},
                      .runpath = "$ORIGIN/../one/lib",
                      .extension_module = true}}},
      {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}};
  const std::vector<TextSpec> texts = {{"a/__init__.py"}, {"my_app/__init__.py"}};
  EXPECT_EQ(Planned(wheels, texts).plan.init_path, "my_app/__init__.py");
  EXPECT_EQ(Planned(wheels, texts, {.package = "a"}).plan.init_path, "a/__init__.py");
  EXPECT_EQ(Planned(wheels, {}).plan.init_path, "");
}

TEST(PlanPreload, GlobsSayWhatIsLoadedGlobally) {
  const std::vector<WheelSpec> wheels = {
      app_that_needs({"liba.so", "libb.so"}),
      {.name = "one", .libraries = {{.path = "one/lib/liba.so"}, {.path = "one/lib/libb.so"}}}};
  const Planned planned(wheels, {{"app/__init__.py"}}, {.global = {"libb*", "one/lib/libb.so"}});
  EXPECT_FALSE(planned.plan.steps[0].line.global);
  EXPECT_TRUE(planned.plan.steps[1].line.global);
  try {
    Planned(wheels, {{"app/__init__.py"}}, {.global = {"libbb.so"}});
    ADD_FAILURE() << "it matches nothing";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
    EXPECT_THAT(failure.what(), HasSubstr("--global `libbb.so`"));
    EXPECT_EQ(failure.hint(), "did you mean `libb.so`?");
  }
}

}  // namespace
}  // namespace spokeshave
