#include "src/preload_plan.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "src/failure.h"
#include "tests/support/preload_builder.h"

namespace spokeshave {
namespace {

using support::app_that_needs;
using support::Planned;
using support::TextSpec;
using support::WheelSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

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
  EXPECT_EQ(planned.plan.steps[0].reason, "needed by liba.so of one")
      << "_C.so finds it by its own path";
  EXPECT_THAT(planned.plan.steps[0].needed_by, ElementsAre("one/lib/liba.so"));
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

TEST(PlanPreload, ATargetOfDlopenIsLoadedWhereItOrWhatItNeedsIsNotFoundAlone) {
  const Planned planned(
      {app_that_needs({"libdnn.so"}),
       {.name = "one",
        .libraries =
            {{.path = "one/lib/libblas.so"},
             {.path = "one/lib/libdnn.so",
              .runpath = "$ORIGIN:$ORIGIN/../../two/lib",
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

TEST(PlanPreload, WhatTheMainWheelsPythonNamesOfAnotherWheelIsNotLoadedForThat) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so", .extension_module = true}},
                          .openers = {{.path = "app/__init__.py",
                                       .opened = {"libneeds.so"},
                                       .searched = {"libwhole.so"}}}},
                         {.name = "one",
                          .libraries = {{.path = "one/lib/libneeds.so",
                                         .needed = {"libtwo.so"},
                                         .runpath = "$ORIGIN/../../two/lib"},
                                        {.path = "one/lib/libwhole.so"}}},
                         {.name = "two", .libraries = {{.path = "two/lib/libtwo.so"}}}});
  EXPECT_THAT(planned.paths(), IsEmpty());
}

TEST(PlanPreload, WhatTheMainWheelsPythonOpensOfItsOwnIsARoot) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/libmine.so",
                                         .needed = {"liba.so"},
                                         .runpath = "$ORIGIN/../one/lib"}},
                          .openers = {{.path = "app/__init__.py", .opened = {"libmine.so"}}}},
                         {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/liba.so"));
}

/// libmine.so fails at first, and with it `_C.so`; but it is not libmine.so that is missing.
TEST(PlanPreload, WhatTheImportOpensIsNotLoadedBeforehandWhereOnlyItsOwnNeedsFail) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .needed = {"libmine.so"}, .extension_module = true},
                      {.path = "app/lib/libx-1a2b.so", .needed = {"liba.so"}, .soname = "libx.so"},
                      {.path = "app/libmine.so", .needed = {"libx.so"}}},
        .openers = {{.path = "app/__init__.py", .opened = {"libmine.so"}}}},
       {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/liba.so", "app/lib/libx-1a2b.so"));
}

TEST(PlanPreload, WhatOnlyAProgramNeedsAndWhatHasNotTheSonameIsNotLoaded) {
  const WheelSpec app = {.name = "app",
                         .libraries = {{.path = "app/_C.so", .extension_module = true},
                                       {.path = "app/bin/tool",
                                        .needed = {"liba.so", "libb.so"},
                                        .runpath = "$ORIGIN/../../one/lib",
                                        .program = true}}};
  const WheelSpec one = {.name = "one",
                         .libraries = {{.path = "one/lib/liba.so", .without_soname = true},
                                       {.path = "one/lib/libb.so"}}};
  const Planned planned({app, one});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/libb.so"));
  EXPECT_THAT(planned.plan.notes,
              ElementsAre(HasSubstr("nothing is loaded beforehand for a program")));
}

/// As libcupti.so.13 mentions libcupti.so.12, which triton has thrice.
TEST(PlanPreload, AMentionThatOneFolderDoesNotMeetCountsInTheOwnWheelOnly) {
  const WheelSpec two = {.name = "two",
                         .libraries = {{.path = "two/a/libold.so"}, {.path = "two/b/libold.so"}}};
  const WheelSpec one = {.name = "one",
                         .libraries = {{.path = "one/lib/liba.so", .mentions = {"libold.so"}}}};
  WheelSpec whole = one;
  whole.libraries.push_back({.path = "one/c/libold.so"});
  whole.libraries.push_back({.path = "one/d/libold.so"});
  EXPECT_THAT(Planned({app_that_needs({"liba.so"}), one, two}).paths(),
              ElementsAre("one/lib/liba.so"));
  EXPECT_THAT(Planned({app_that_needs({"liba.so"}), whole, two}).paths(),
              ElementsAre("one/c/libold.so", "one/lib/liba.so"))
      << "and one of them is enough";
}

/// As cupy opens libcudart.so.12, which none of its paths leads to.
TEST(PlanPreload, AMentionOfTheMainWheelCountsAndOneBearerIsEnough) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .mentions = {"libany.so"}, .extension_module = true}},
        .requirements = {"two"}},
       {.name = "one", .libraries = {{.path = "one/lib/libany.so"}}},
       {.name = "two", .libraries = {{.path = "two/lib/libany.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("two/lib/libany.so"));
  EXPECT_EQ(planned.plan.steps[0].reason, "opened by _C.so of app");
}

TEST(PlanPreload, ALibraryOfTheMainWheelThatADlopenIsAfterHasThatReason) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so",
                                         .needed = {"liba.so", "libmine.so"},
                                         .runpath = "$ORIGIN/../one/lib:$ORIGIN",
                                         .extension_module = true},
                                        {.path = "app/libmine.so"}}},
                         {.name = "one",
                          .libraries = {{.path = "one/lib/liba.so",
                                         .runpath = "$ORIGIN/../../app",
                                         .mentions = {"libmine.so"}}}}});
  ASSERT_THAT(planned.paths(), ElementsAre("app/libmine.so", "one/lib/liba.so"));
  EXPECT_TRUE(planned.plan.steps[0].by_dlopen);
  EXPECT_EQ(planned.plan.steps[0].reason, "opened by liba.so of one");
  EXPECT_THAT(planned.plan.steps[0].needed_by, ElementsAre("one/lib/liba.so"));
}

TEST(PlanPreload, WhatTheMainWheelOpensOfItselfIsFoundByThePathsThatItInherits) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so",
                       .needed = {"libcupti.so.12"},
                       .rpath = "$ORIGIN/lib",
                       .extension_module = true},
                      {.path = "app/lib/libcupti.so.12", .mentions = {"libnvperf_host.so"}},
                      {.path = "app/lib/libnvperf_host.so"}}}});
  EXPECT_THAT(planned.paths(), IsEmpty());
}

TEST(PlanPreload, WhatAnUnneededWheelOpensIsNotLoaded) {
  const Planned planned({app_that_needs({"liba.so"}),
                         {.name = "one",
                          .libraries = {{.path = "one/lib/liba.so"},
                                        {.path = "one/lib/libidle.so", .mentions = {"libfar.so"}}}},
                         {.name = "two", .libraries = {{.path = "two/far/libfar.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/liba.so"));
}

TEST(PlanPreload, ALibraryOfTheMainWheelThatInheritsItsPathComesAfterWhatItFindsByIt) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/_C.so",
                                         .needed = {"libcore.so", "liba.so"},
                                         .rpath = "$ORIGIN/lib:$ORIGIN/deep:$ORIGIN/../one/lib",
                                         .extension_module = true},
                                        {.path = "app/deep/libdeep.so"},
                                        {.path = "app/lib/libcore.so", .needed = {"libdeep.so"}}}},
                         {.name = "one",
                          .libraries = {{.path = "one/lib/liba.so",
                                         .needed = {"libcore.so"},
                                         .rpath = "$ORIGIN/../../app/lib"}}}});
  EXPECT_THAT(planned.paths(),
              ElementsAre("app/deep/libdeep.so", "app/lib/libcore.so", "one/lib/liba.so"));
  EXPECT_TRUE(planned.plan.is_whole());
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
      {{.name = "suite",
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

TEST(PlanPreload, APackageWithTheWheelsNameOrItsBeginningComesBeforeOneThatNeedsMore) {
  const auto init_of = [](const std::string& wheel) {
    return Planned({{.name = wheel,
                     .libraries = {{.path = "cupy_backends/_C.so",
                                    .needed = {"liba.so", "libb.so"},
                                    .runpath = "$ORIGIN/../one/lib",
                                    .extension_module = true},
                                   {.path = "cupy/_C.so",
                                    .needed = {"liba.so"},
                                    .runpath = "$ORIGIN/../one/lib",
                                    .extension_module = true},
                                   {.path = "cu/_C.so", .extension_module = true}}},
                    {.name = "one",
                     .libraries = {{.path = "one/lib/liba.so"}, {.path = "one/lib/libb.so"}}}},
                   {{"cu/__init__.py"}, {"cupy/__init__.py"}, {"cupy_backends/__init__.py"}})
        .plan.init_path;
  };
  EXPECT_EQ(init_of("cupy-cuda12x"), "cupy/__init__.py");
  EXPECT_EQ(init_of("CuPy"), "cupy/__init__.py");
  EXPECT_EQ(init_of("cupyx"), "cupy_backends/__init__.py") << "`cupy` is no whole part of it";
  EXPECT_EQ(init_of("cu"), "cupy_backends/__init__.py") << "`cu` needs nothing";
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
