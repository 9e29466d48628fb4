#include "src/preload_entrance.h"

#include <gmock/gmock.h>

#include "src/failure.h"
#include "tests/support/preload_builder.h"

namespace spokeshave {
namespace {

using support::LibrarySpec;
using support::Planned;
using support::TextSpec;
using support::WheelSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

LibrarySpec module_that_needs_a(const std::string& path) {
  return {.path = path, .needed = {"liba.so"}, .extension_module = true};
}

/// A main wheel of these modules, each of which needs what another wheel brings.
std::vector<WheelSpec> wheels_with(const std::vector<std::string>& modules) {
  WheelSpec main{.name = "app", .libraries = {}};
  for (const auto& path : modules) {
    main.libraries.push_back(module_that_needs_a(path));
  }
  return {main, {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}};
}

TEST(PreloadEntrance, AModuleOutsideOfPackagesIsNamedBesideThePackageThatLoads) {
  const Planned planned(wheels_with({"app/_C.so", "_x.cpython-311-x86_64-linux-gnu.so"}));
  EXPECT_EQ(planned.plan.init_path, "app/__init__.py");
  EXPECT_THAT(planned.plan.notes,
              ElementsAre("`import _x` needs them too: it works only after `import app`, unless it "
                          "imports that itself"));
}

// app/__init__.py would load them, but nobody who imports _x imports app.
TEST(PreloadEntrance, APackageThatNeedsNothingLoadsNothingForAModuleOutsideOfIt) {
  EXPECT_EQ(Planned(wheels_with({"_x.so"})).plan.init_path, "");
  EXPECT_EQ(Planned(wheels_with({"ns/_x.so"}), {{"ns/a/__init__.py"}}).plan.init_path, "");
}

TEST(PreloadEntrance, ThatPackageIsTakenWhereTheUserSaysSo) {
  const Planned planned(wheels_with({"ns/_x.so"}), {{"app/__init__.py"}}, {.package = "app"});
  EXPECT_EQ(planned.plan.init_path, "app/__init__.py");
  EXPECT_THAT(planned.plan.notes,
              ElementsAre(HasSubstr("`import ns._x` needs them too: it works only after `import "
                                    "app`")));
}

TEST(PreloadEntrance, WhatAnOuterPackageMayOpenBeforeAnInnerOneLoadsIsNamed) {
  const Planned planned(wheels_with({"app/_C.so", "app/sub/_D.so"}),
                        {{"app/__init__.py"}, {"app/sub/__init__.py"}}, {.package = "app.sub"});
  EXPECT_THAT(
      planned.plan.notes,
      ElementsAre("`import app` runs before `app.sub` and may open `app/_C.so`, which needs "
                  "them too: then only --package app helps"));
}

TEST(PreloadEntrance, AnInnerPackageAloneIsNoMatterOfTheOuterOne) {
  const Planned planned(wheels_with({"app/sub/_D.so"}),
                        {{"app/__init__.py"}, {"app/sub/__init__.py"}}, {.package = "app.sub"});
  EXPECT_THAT(planned.plan.notes, IsEmpty());
}

TEST(PreloadEntrance, APackageThatIsNoneIsRefusedWithTheNearestName) {
  for (const std::string package : {"ap", "app/", ".", "../app", "app..x", ""}) {
    try {
      Planned(wheels_with({"app/_C.so"}), {{"app/__init__.py"}}, {.package = package});
      ADD_FAILURE() << package << " was taken";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::kUsage);
      EXPECT_THAT(to_text(failure), HasSubstr("--package `" + package + "` is no package"));
    }
  }
}

}  // namespace
}  // namespace spokeshave
