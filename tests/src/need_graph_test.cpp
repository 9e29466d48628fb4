#include <gmock/gmock.h>

#include "src/loading.h"
#include "tests/support/inventory_builder.h"

namespace spokeshave {

/// For the messages of failing tests.
inline void PrintTo(const Need& need, std::ostream* out) {
  *out << need.from << " needs " << need.to << " as " << need.name
       << (need.by_dlopen ? " (dlopen)" : "") << (need.is_met() ? "" : ", unmet");
}

namespace {

using elf::Rule;
using support::LibrarySpec;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

NeedGraph needs_of(const std::vector<LibrarySpec>& specs) {
  const auto wheel = support::make_wheel("w", specs);
  std::vector<const std::set<std::string>*> mentions;
  for (const auto& library : wheel.inventory.libraries) mentions.push_back(&library.mentions);
  return find_needs(installed_before(wheel.inventory, Layout::kSitePackages), mentions);
}

MATCHER_P4(NeedIs, from, to, name, rule, "") {
  return arg.from == std::size_t(from) && arg.to == std::size_t(to) && arg.name == name &&
         arg.rule == rule && !arg.by_dlopen;
}
MATCHER_P4(OpeningIs, from, to, name, rule, "") {
  return arg.from == std::size_t(from) && arg.to == std::size_t(to) && arg.name == name &&
         arg.rule == rule && arg.by_dlopen;
}

TEST(Location, InOneFolderAllWheelsLieTogether) {
  EXPECT_EQ(location(Layout::kSitePackages, 0, "a/x.so"), "/site-packages/a/x.so");
  EXPECT_EQ(location(Layout::kSitePackages, 3, "a/x.so"), "/site-packages/a/x.so");
}

TEST(Location, InSeparateFoldersNothingCrosses) {
  EXPECT_EQ(location(Layout::kSeparate, 0, "a/x.so"), "/wheel-0/a/x.so");
  EXPECT_EQ(location(Layout::kSeparate, 3, "a/x.so"), "/wheel-3/a/x.so");
}

TEST(FindNeeds, ByRunpathAndByRpath) {
  const auto graph = needs_of({{.path = "p/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN/lib"},
                               {.path = "p/c.so", .needed = {"b.so"}, .rpath = "$ORIGIN/lib"},
                               {.path = "p/lib/b.so"}});
  EXPECT_THAT(graph.needs, ElementsAre(NeedIs(0, 2, "b.so", Rule::kRunpath),
                                       NeedIs(1, 2, "b.so", Rule::kRpath)));
  EXPECT_THAT(graph.unmet, IsEmpty());
  EXPECT_THAT(graph.outside, IsEmpty());
}

TEST(FindNeeds, AnInheritedRpathCountsAndItsOwnerIsTold) {
  const auto graph = needs_of({{.path = "p/a.so", .needed = {"b.so"}, .rpath = "$ORIGIN/lib"},
                               {.path = "p/lib/b.so", .needed = {"c.so"}},
                               {.path = "p/lib/c.so"}});
  EXPECT_THAT(graph.needs,
              ElementsAre(NeedIs(0, 1, "b.so", Rule::kRpath), NeedIs(1, 2, "c.so", Rule::kRpath)));
  EXPECT_EQ(graph.needs[1].path_owner, 0u);
  EXPECT_THAT(graph.unmet, IsEmpty()) << "met in some process is met";
}

TEST(FindNeeds, ARunpathIsNotInherited) {
  const auto graph = needs_of({{.path = "p/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN/lib"},
                               {.path = "p/lib/b.so", .needed = {"c.so"}},
                               {.path = "p/lib/c.so"}});
  EXPECT_THAT(graph.needs, ElementsAre(NeedIs(0, 1, "b.so", Rule::kRunpath)));
  ASSERT_THAT(graph.unmet, SizeIs(1));
  EXPECT_EQ(graph.unmet[0].from, 1u);
  EXPECT_EQ(graph.unmet[0].name, "c.so");
}

TEST(FindNeeds, WhatTheWheelDoesNotBringIsOutside) {
  const auto graph = needs_of({{.path = "p/a.so", .needed = {"libc.so.6", "libcublas.so.12"}}});
  EXPECT_THAT(graph.needs, IsEmpty());
  ASSERT_THAT(graph.outside, SizeIs(2));
  EXPECT_EQ(graph.outside[0].name, "libc.so.6");
  EXPECT_EQ(graph.outside[1].name, "libcublas.so.12");
  EXPECT_TRUE(needs_other_wheels(graph));
}

TEST(FindNeeds, ALibraryOfTheSystemIsThereEvenIfTheWheelBringsOneThatNoPathLeadsTo) {
  const auto graph = needs_of(
      {{.path = "p/a.so", .needed = {"libstdc++.so.6"}}, {.path = "p/lib/libstdc++.so.6"}});
  EXPECT_THAT(graph.unmet, IsEmpty());
  ASSERT_THAT(graph.outside, SizeIs(1));
  EXPECT_EQ(graph.outside[0].name, "libstdc++.so.6");
}

TEST(FindNeeds, TheSystemAndTheDriverAreNoOtherWheels) {
  EXPECT_FALSE(needs_other_wheels(
      needs_of({{.path = "p/a.so", .needed = {"libc.so.6", "libstdc++.so.6", "libcuda.so.1"}}})));
}

TEST(FindNeeds, OneThatIsLoadedIsTakenByItsSoname) {
  const auto graph =
      needs_of({{.path = "p/a.so", .needed = {"b-1234.so", "c.so"}, .runpath = "$ORIGIN"},
                {.path = "p/b-1234.so", .soname = "b.so"},
                {.path = "p/c.so", .needed = {"b.so"}}});
  EXPECT_THAT(graph.needs, ElementsAre(NeedIs(0, 1, "b-1234.so", Rule::kRunpath),
                                       NeedIs(0, 2, "c.so", Rule::kRunpath),
                                       NeedIs(2, 1, "b.so", Rule::kAlreadyLoaded)));
}

TEST(FindNeeds, AMentionedNameIsAnOpeningWhereTheLoaderWouldFindIt) {
  const auto graph =
      needs_of({{.path = "p/a.so", .runpath = "$ORIGIN/lib", .mentions = {"b.so", "libunknown.so"}},
                {.path = "p/lib/b.so"}});
  EXPECT_THAT(graph.needs, ElementsAre(OpeningIs(0, 1, "b.so", Rule::kRunpath)));
  EXPECT_TRUE(graph.needs[0].is_met());
}

TEST(FindNeeds, AnOpeningThatWouldFailIsToldAndNotMet) {
  const auto graph = needs_of({{.path = "p/a.so", .mentions = {"b.so"}}, {.path = "p/lib/b.so"}});
  EXPECT_THAT(graph.needs, ElementsAre(OpeningIs(0, 1, "b.so", Rule::kMissing)));
  EXPECT_FALSE(graph.needs[0].is_met());
  EXPECT_THAT(graph.adjacency(2, true), ElementsAre(IsEmpty(), IsEmpty()));
}

TEST(FindNeeds, ANameThatIsNeededAnywayIsNoOpening) {
  const auto graph = needs_of(
      {{.path = "p/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN", .mentions = {"a.so", "b.so"}},
       {.path = "p/b.so"}});
  EXPECT_THAT(graph.needs, ElementsAre(NeedIs(0, 1, "b.so", Rule::kRunpath)));
}

TEST(FindNeeds, TwoLibrariesOfOneNameAreEachTheOneThatTheirPathLeadsTo) {
  const auto graph = needs_of({{.path = "p/a/k.so"},
                               {.path = "p/a/x.so", .needed = {"k.so"}, .runpath = "$ORIGIN"},
                               {.path = "p/b/k.so"},
                               {.path = "p/b/y.so", .needed = {"k.so"}, .runpath = "$ORIGIN"}});
  EXPECT_THAT(graph.needs, ElementsAre(NeedIs(1, 0, "k.so", Rule::kRunpath),
                                       NeedIs(3, 2, "k.so", Rule::kRunpath)));
}

TEST(Adjacency, HasOpeningsOnlyWhenAsked) {
  const auto graph =
      needs_of({{.path = "p/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN", .mentions = {"c.so"}},
                {.path = "p/b.so"},
                {.path = "p/c.so"}});
  EXPECT_THAT(graph.adjacency(3, false), ElementsAre(ElementsAre(1u), IsEmpty(), IsEmpty()));
  EXPECT_THAT(graph.adjacency(3, true), ElementsAre(ElementsAre(1u, 2u), IsEmpty(), IsEmpty()));
}

}  // namespace
}  // namespace spokeshave
