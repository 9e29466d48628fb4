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
