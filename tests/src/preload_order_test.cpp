#include "src/preload_order.h"

#include <gmock/gmock.h>

#include "src/failure.h"
#include "src/library_edits.h"
#include "src/loading_check.h"
#include "tests/support/inventory_builder.h"

namespace spokeshave {
namespace {

using support::LibrarySpec;
using support::TextSpec;
using testing::ElementsAre;
using testing::IsEmpty;

/// A wheel `w` of which these libraries move, edited as a split does.
struct Moved {
  support::WheelValues wheel;
  NeedGraph graph;
  SplitPlan plan;

  Moved(const std::vector<LibrarySpec>& specs, const std::map<std::string, std::string>& moved,
        const std::vector<TextSpec>& texts = {})
      : wheel(support::make_wheel("w", specs, texts)),
        graph(support::needs_of(wheel.inventory)),
        plan(support::plan_that_moves(wheel, moved)) {
    plan_edits(plan, wheel.inventory, graph, support::request(), {});
  }

  /// The installed paths in load order; what is loaded beforehand must be enough.
  std::vector<std::string> preloaded() const {
    const auto order = preload_order(wheel.inventory, graph, plan);
    const auto before = installed_before(wheel.inventory, Layout::kSitePackages);
    EXPECT_THAT(
        loading_losses(before, installed_after(wheel.inventory, plan, Layout::kSeparate), order),
        IsEmpty());
    std::vector<std::string> paths;
    for (const std::size_t i : order) paths.push_back(plan.libraries[i].installed_path);
    return paths;
  }
};

TEST(PreloadOrder, IsWhatMovedAndIsNeededEachAfterWhatItNeeds) {
  const Moved moved(
      {{.path = "w/_C.so", .needed = {"a.so"}, .runpath = "$ORIGIN/lib", .extension_module = true},
       {.path = "w/lib/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"},
       {.path = "w/lib/b.so", .needed = {"z.so"}, .runpath = "$ORIGIN"},
       {.path = "w/lib/other.so", .runpath = "$ORIGIN"},
       {.path = "w/lib/z.so"}},
      {{"w/lib/b.so", "w_libs/lib/b.so"},
       {"w/lib/z.so", "w_libs/lib/z.so"},
       {"w/lib/other.so", "w_libs/lib/other.so"}});
  EXPECT_THAT(moved.preloaded(), ElementsAre("w_libs/lib/z.so", "w_libs/lib/b.so"));
}

TEST(PreloadOrder, WhatTheyNeedOfTheMainWheelComesFirst) {
  const Moved moved(
      {{.path = "w/_C.so", .needed = {"b.so"}, .runpath = "$ORIGIN/lib", .extension_module = true},
       {.path = "w/lib/b.so", .needed = {"c10.so"}, .runpath = "$ORIGIN"},
       {.path = "w/lib/c10.so", .needed = {"deep.so"}, .runpath = "$ORIGIN"},
       {.path = "w/lib/deep.so"}},
      {{"w/lib/b.so", "w_libs/lib/b.so"}});
  EXPECT_THAT(moved.preloaded(), ElementsAre("w/lib/c10.so", "w_libs/lib/b.so"))
      << "deep.so is found by c10.so's own path";
}

TEST(PreloadOrder, IsEmptyWhereNothingCrosses) {
  const Moved moved(
      {{.path = "w/_C.so", .needed = {"a.so"}, .runpath = "$ORIGIN", .extension_module = true},
       {.path = "w/a.so"},
       {.path = "w/b.so", .needed = {"c.so"}, .runpath = "$ORIGIN"},
       {.path = "w/c.so"}},
      {{"w/b.so", "w_libs/b.so"}, {"w/c.so", "w_libs/c.so"}});
  EXPECT_THAT(moved.preloaded(), IsEmpty());
}

TEST(PreloadOrder, ACircleInACompanionIsLoadedAscending) {
  const Moved moved(
      {{.path = "w/_C.so", .needed = {"b.so"}, .runpath = "$ORIGIN", .extension_module = true},
       {.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"},
       {.path = "w/b.so", .needed = {"a.so"}, .runpath = "$ORIGIN"}},
      {{"w/a.so", "w_libs/a.so"}, {"w/b.so", "w_libs/b.so"}});
  EXPECT_THAT(moved.preloaded(), ElementsAre("w_libs/a.so", "w_libs/b.so"));
}

TEST(PreloadOrder, ATargetOfDlopenThatCouldNotBeFoundIsLoadedToo) {
  const Moved moved({{.path = "w/lib/a.so", .runpath = "$ORIGIN", .mentions = {"b.so"}},
                     {.path = "w/lib/b.so", .needed = {"c.so"}, .runpath = "$ORIGIN"},
                     {.path = "w/lib/c.so"}},
                    {{"w/lib/b.so", "w_libs/lib/b.so"}, {"w/lib/c.so", "w_libs/lib/c.so"}});
  EXPECT_THAT(moved.preloaded(), ElementsAre("w_libs/lib/b.so"))
      << "c.so is found by b.so's own path";
}

TEST(PreloadOrder, ATargetOfDlopenBesideItsCallerIsNot) {
  const Moved moved(
      {{.path = "w/_C.so", .needed = {"a.so"}, .runpath = "$ORIGIN", .extension_module = true},
       {.path = "w/a.so", .runpath = "$ORIGIN", .mentions = {"b.so"}},
       {.path = "w/b.so"}},
      {{"w/a.so", "w_libs/a.so"}, {"w/b.so", "w_libs/b.so"}});
  EXPECT_THAT(moved.preloaded(), ElementsAre("w_libs/a.so"));
}

TEST(PreloadLibraries, TellPathSonameAndTheWheelThatBringsThem) {
  const Moved moved({{.path = "w/a.so", .needed = {"b-1.so"}, .runpath = "$ORIGIN"},
                     {.path = "w/b-1.so", .soname = "b.so"}},
                    {{"w/b-1.so", "w_libs/b-1.so"}});
  const auto libraries = preload_libraries(moved.wheel.inventory, moved.graph, moved.plan, {1});
  ASSERT_EQ(libraries.size(), 1u);
  EXPECT_EQ(libraries[0].path, "w_libs/b-1.so");
  EXPECT_EQ(libraries[0].soname, "b-1.so") << "as it is after the rewrite";
  EXPECT_EQ(libraries[0].requirement, "w-libs==1.0+split.1");
  EXPECT_FALSE(libraries[0].needs_other_wheels);
}

TEST(PreloadLibraries, ANeedForAnotherWheelIsHandedOnToThoseWhoNeedTheLibrary) {
  const Moved moved({{.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"},
                     {.path = "w/b.so", .needed = {"libcublas.so.12"}},
                     {.path = "w/c.so", .needed = {"libc.so.6"}}},
                    {});
  const auto libraries =
      preload_libraries(moved.wheel.inventory, moved.graph, moved.plan, {1, 0, 2});
  EXPECT_TRUE(libraries[0].needs_other_wheels);
  EXPECT_TRUE(libraries[1].needs_other_wheels);
  EXPECT_FALSE(libraries[2].needs_other_wheels) << "the system is no wheel";
}

std::string init_of(const Moved& moved, const std::optional<std::string>& package = {}) {
  SplitRequest wanted = support::request();
  wanted.package = package;
  return choose_init(moved.wheel.outline, moved.wheel.inventory, moved.plan, wanted);
}

TEST(ChooseInit, IsThePackageThatHoldsMostOfWhatMoves) {
  const Moved moved({{.path = "big/lib/a.so", .size = 2'000'000}, {.path = "small/b.so"}},
                    {{"big/lib/a.so", "w_libs/lib/a.so"}, {"small/b.so", "w_libs/b.so"}},
                    {{"big/__init__.py"}, {"small/__init__.py"}});
  EXPECT_EQ(init_of(moved), "big/__init__.py");
}

TEST(ChooseInit, IsTheOutermostPackage) {
  const Moved moved({{.path = "ns/w/sub/a.so"}}, {{"ns/w/sub/a.so", "w_libs/a.so"}},
                    {{"ns/w/__init__.py"}, {"ns/w/sub/__init__.py"}});
  EXPECT_EQ(init_of(moved), "ns/w/__init__.py");
}

TEST(ChooseInit, AnExtensionModuleCountsWhereWhatMovesLiesInNoPackage) {
  const Moved moved({{.path = "w.libs/a.so"}, {.path = "w/_C.so", .extension_module = true}},
                    {{"w.libs/a.so", "w_libs/w.libs/a.so"}}, {{"w/__init__.py"}});
  EXPECT_EQ(init_of(moved), "w/__init__.py");
}

TEST(ChooseInit, IsNoneWhereThereIsNoPackage) {
  const Moved moved({{.path = "w/a.so"}}, {{"w/a.so", "w_libs/a.so"}});
  EXPECT_EQ(init_of(moved), "");
}

TEST(ChooseInit, IsWhatTheUserSays) {
  const Moved moved({{.path = "w/a.so"}}, {{"w/a.so", "w_libs/a.so"}},
                    {{"w/__init__.py"}, {"x/y/__init__.py"}});
  EXPECT_EQ(init_of(moved, "x.y"), "x/y/__init__.py");
  try {
    init_of(moved, "x");
    ADD_FAILURE() << "x is no package";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
    EXPECT_THAT(failure.what(), testing::HasSubstr("`x`"));
  }
}

}  // namespace
}  // namespace spokeshave
