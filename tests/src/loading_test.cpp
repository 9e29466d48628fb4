#include "src/loading.h"

#include <gmock/gmock.h>

#include <ctime>

#include "tests/support/inventory_builder.h"

namespace spokeshave {
namespace {

using elf::Rule;
using support::LibrarySpec;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// Libraries of one wheel, by the letters of their order of paths.
Loading loading_of(const std::vector<LibrarySpec>& specs, const std::vector<ProcessPlan>& processes,
                   elf::LoaderKind loader = elf::LoaderKind::kGlibc) {
  const auto wheel = support::make_wheel("w", specs);
  Mentions mentions;
  for (const auto& library : wheel.inventory.libraries) mentions.push_back(&library.mentions);
  return simulate_loading(installed_before(wheel.inventory, Layout::kSitePackages), mentions,
                          processes, loader);
}

ProcessPlan import_of(std::vector<std::size_t> named, std::vector<std::size_t> searched = {}) {
  return {LoadedBy::kImport, {{std::move(named), std::move(searched)}}};
}

TEST(SimulateLoading, WithoutProcessesEachLibraryIsOpenedByNobodyInOneOfItsOwn) {
  const auto loading = loading_of(
      {{.path = "p/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"}, {.path = "p/b.so"}}, {});
  EXPECT_THAT(loading.loaded_by, ElementsAre(LoadedBy::kNobody, LoadedBy::kNobody));
  EXPECT_THAT(loading.opened, IsEmpty());
  EXPECT_THAT(loading.graph.needs, SizeIs(1));
}

TEST(SimulateLoading, NothingIsNothing) {
  const auto loading = loading_of({}, {});
  EXPECT_THAT(loading.loaded_by, IsEmpty());
  EXPECT_THAT(loading_of({{.path = "p/a.so"}}, {{LoadedBy::kImport, {}}}).opened, IsEmpty());
}

TEST(SimulateLoading, WhatIsLoadedIsToldByWhomAndWhatIsOpenedInItsOrder) {
  const auto loading = loading_of({{.path = "p/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"},
                                   {.path = "p/b.so"},
                                   {.path = "p/c.so"},
                                   {.path = "p/d.so"}},
                                  {import_of({3, 0}), {LoadedBy::kProgram, {{{0}, {}}}}});
  EXPECT_THAT(loading.loaded_by, ElementsAre(LoadedBy::kImport, LoadedBy::kImport,
                                             LoadedBy::kNobody, LoadedBy::kImport));
  EXPECT_THAT(loading.opened, ElementsAre(3u, 0u));
}

TEST(SimulateLoading, ForBothAnImportAndAProgramTheImportIsTold) {
  const auto loading =
      loading_of({{.path = "p/a.so"}}, {{LoadedBy::kProgram, {{{0}, {}}}}, import_of({0})});
  EXPECT_THAT(loading.loaded_by, ElementsAre(LoadedBy::kImport));
}

/// b.so's need is met since c.so is loaded already: only the order makes it so.
TEST(SimulateLoading, TheOrderOfOpeningDecides) {
  const std::vector<LibrarySpec> specs = {{.path = "p/b.so", .needed = {"c.so"}},
                                          {.path = "p/lib/c.so"}};
  const auto good = loading_of(specs, {import_of({1, 0})});
  EXPECT_THAT(good.graph.unmet, IsEmpty());
  ASSERT_THAT(good.graph.needs, SizeIs(1));
  EXPECT_EQ(good.graph.needs[0].rule, Rule::kAlreadyLoaded);

  const auto bad = loading_of(specs, {import_of({0, 1})});
  ASSERT_THAT(bad.graph.unmet, SizeIs(1));
  EXPECT_EQ(bad.graph.unmet[0].from, 0u);
  EXPECT_EQ(bad.graph.unmet[0].name, "c.so");
  EXPECT_EQ(bad.graph.unmet[0].loaded_by, LoadedBy::kImport);
  EXPECT_EQ(bad.graph.unmet[0].opened, 0u);
  EXPECT_THAT(bad.graph.unmet[0].bearers, ElementsAre(1u));
  EXPECT_THAT(bad.graph.unmet[0].failed_before, IsEmpty());
}

/// As torch/__init__.py does: where the library fails, the others are searched for, and it is
/// opened again.
TEST(SimulateLoading, WhatFailsIsOpenedAgainBehindWhatIsSearched) {
  const auto loading = loading_of({{.path = "p/b.so", .needed = {"c.so"}}, {.path = "p/lib/c.so"}},
                                  {import_of({0}, {1})});
  EXPECT_THAT(loading.graph.unmet, IsEmpty()) << "what it answers last is what counts";
  ASSERT_THAT(loading.graph.needs, SizeIs(1));
  EXPECT_EQ(loading.graph.needs[0].rule, Rule::kAlreadyLoaded);
}

TEST(SimulateLoading, WhereNothingFailsNothingIsSearched) {
  const auto loading =
      loading_of({{.path = "p/b.so"}, {.path = "p/lib/c.so"}}, {import_of({0}, {1})});
  EXPECT_THAT(loading.opened, ElementsAre(0u));
  EXPECT_THAT(loading.loaded_by, ElementsAre(LoadedBy::kImport, LoadedBy::kNobody));
}

TEST(SimulateLoading, WhereNothingIsNamedAllIsSearched) {
  EXPECT_THAT(loading_of({{.path = "p/b.so"}}, {import_of({}, {0})}).opened, ElementsAre(0u));
}

TEST(SimulateLoading, AReasonIsWhatFailedInTheSameProcess) {
  const std::vector<LibrarySpec> specs = {{.path = "p/a.so", .needed = {"b.so"}},
                                          {.path = "p/lib/b.so", .needed = {"c.so"}},
                                          {.path = "p/lib/c/c.so"}};
  const auto one = loading_of(specs, {import_of({1, 0})});
  ASSERT_THAT(one.graph.unmet, SizeIs(2));
  EXPECT_THAT(one.graph.unmet[0].failed_before, ElementsAre(1u));
  EXPECT_THAT(one.graph.unmet[1].failed_before, IsEmpty());

  const auto two = loading_of(specs, {import_of({1}), import_of({0})});
  ASSERT_THAT(two.graph.unmet, SizeIs(2));
  EXPECT_THAT(two.graph.unmet[0].failed_before, IsEmpty());
}

TEST(SimulateLoading, AnImportThatMissesANeedOutweighsOneThatMeetsIt) {
  const auto loading = loading_of({{.path = "p/b.so", .needed = {"c.so"}}, {.path = "p/lib/c.so"}},
                                  {import_of({1, 0}), import_of({0})});
  EXPECT_THAT(loading.graph.needs, SizeIs(1));
  EXPECT_THAT(loading.graph.unmet, SizeIs(1));
}

TEST(SimulateLoading, OfSeveralProcessesThatMissANeedTheLibrarysOwnIsTold) {
  const auto loading = loading_of({{.path = "p/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN/lib"},
                                   {.path = "p/lib/b.so", .needed = {"q.so"}},
                                   {.path = "p/q/q.so"}},
                                  {});
  ASSERT_THAT(loading.graph.unmet, SizeIs(1));
  EXPECT_EQ(loading.graph.unmet[0].from, 1u);
  EXPECT_EQ(loading.graph.unmet[0].opened, 1u);
}

TEST(SimulateLoading, OfSeveralProcessesThatMeetANeedTheLibrarysOwnIsTold) {
  const auto loading =
      loading_of({{.path = "p/a.so", .needed = {"c.so", "b.so"}, .runpath = "$ORIGIN"},
                  {.path = "p/b.so", .needed = {"c.so"}, .runpath = "$ORIGIN"},
                  {.path = "p/c.so"}},
                 {});
  ASSERT_THAT(loading.graph.needs, SizeIs(3));
  EXPECT_EQ(loading.graph.needs[2].from, 1u);
  EXPECT_EQ(loading.graph.needs[2].rule, Rule::kRunpath) << "and not as loaded before";
}

TEST(SimulateLoading, TheOrderOfProcessesChangesNoAnswer) {
  const std::vector<LibrarySpec> specs = {
      {.path = "p/b.so", .needed = {"c.so"}},
      {.path = "p/bin/t", .needed = {"c.so"}, .rpath = "$ORIGIN/../lib", .program = true},
      {.path = "p/lib/c.so"}};
  const ProcessPlan program = {LoadedBy::kProgram, {{{1}, {}}}};
  const auto forward = loading_of(specs, {import_of({0}), program, import_of({2, 0})});
  const auto backward = loading_of(specs, {import_of({2, 0}), program, import_of({0})});
  EXPECT_EQ(forward.loaded_by, backward.loaded_by);
  ASSERT_EQ(forward.graph.needs.size(), backward.graph.needs.size());
  for (std::size_t i = 0; i < forward.graph.needs.size(); ++i) {
    EXPECT_EQ(forward.graph.needs[i].to, backward.graph.needs[i].to);
    EXPECT_EQ(forward.graph.needs[i].rule, backward.graph.needs[i].rule);
  }
  EXPECT_THAT(forward.graph.unmet, SizeIs(1));
  EXPECT_THAT(backward.graph.unmet, SizeIs(1));
}

/// Two imports meet one need by two rules: the library is one, so the edge is one.
TEST(SimulateLoading, ANeedMetByOneLibraryInTwoProcessesIsOneEdge) {
  const auto loading =
      loading_of({{.path = "p/b.so", .needed = {"c.so"}, .runpath = "$ORIGIN"}, {.path = "p/c.so"}},
                 {import_of({0}), import_of({1, 0})});
  EXPECT_THAT(loading.graph.needs, SizeIs(1));
}

TEST(SimulateLoading, WhatIsMentionedIsOpenedAtTheEndAndLoadedByTheImport) {
  const auto loading = loading_of({{.path = "p/a.so", .runpath = "$ORIGIN", .mentions = {"b.so"}},
                                   {.path = "p/b.so", .needed = {"c.so"}, .runpath = "$ORIGIN"},
                                   {.path = "p/c.so"}},
                                  {import_of({0})});
  EXPECT_THAT(loading.loaded_by,
              ElementsAre(LoadedBy::kImport, LoadedBy::kImport, LoadedBy::kImport));
  EXPECT_THAT(loading.opened, ElementsAre(0u)) << "only as something's need";
  ASSERT_THAT(loading.graph.needs, SizeIs(2));
  EXPECT_TRUE(loading.graph.needs[0].by_dlopen);
}

TEST(SimulateLoading, ALibrarysOwnSonameIsNoMentionOfAnotherThatHasItToo) {
  const auto loading =
      loading_of({{.path = "p/a.so", .soname = "libx.so", .mentions = {"libx.so"}},
                  {.path = "p/b.so", .soname = "libx.so", .mentions = {"libx.so"}}},
                 {import_of({1, 0})});
  EXPECT_THAT(loading.graph.needs, IsEmpty());
}

/// Nothing proves that what is mentioned is opened at all.
TEST(SimulateLoading, WhatAMentionedLibraryMissesIsNoImportsLoss) {
  const auto loading = loading_of({{.path = "p/a.so", .runpath = "$ORIGIN", .mentions = {"b.so"}},
                                   {.path = "p/b.so", .needed = {"c.so"}},
                                   {.path = "p/lib/c.so"}},
                                  {import_of({0})});
  ASSERT_THAT(loading.graph.unmet, SizeIs(1));
  EXPECT_EQ(loading.graph.unmet[0].loaded_by, LoadedBy::kNobody);
}

TEST(SimulateLoading, MuslPassesARunpathOn) {
  const std::vector<LibrarySpec> specs = {
      {.path = "p/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN/lib"},
      {.path = "p/lib/b.so", .needed = {"c.so"}},
      {.path = "p/lib/c.so"}};
  EXPECT_THAT(loading_of(specs, {import_of({0})}).graph.unmet, SizeIs(1));
  EXPECT_THAT(loading_of(specs, {import_of({0})}, elf::LoaderKind::kMusl).graph.unmet, IsEmpty());
}

TEST(SimulateLoading, ALibraryThatNeedsItselfIsMetByItself) {
  const auto loading = loading_of({{.path = "p/a.so", .needed = {"a.so", "a.so"}}}, {});
  ASSERT_THAT(loading.graph.needs, SizeIs(1));
  EXPECT_EQ(loading.graph.needs[0].to, 0u);
  EXPECT_THAT(loading.graph.unmet, IsEmpty());
}

TEST(SimulateLoading, OneOpenedTwiceIsOpenedOnce) {
  EXPECT_THAT(loading_of({{.path = "p/a.so"}}, {import_of({0, 0}), import_of({0})}).opened,
              ElementsAre(0u));
}

/// 30 libraries that need each other, each with a path of 64 entries of 4 kB: 200 MB of attempts.
TEST(SimulateLoading, WhatWasTriedIsBoundedInAllAndTheFirstKeepTheirs) {
  std::string path;
  for (int i = 0; i < 64; ++i) path += (i == 0 ? "/" : ":/") + std::string(4000, 'd');
  std::vector<LibrarySpec> specs;
  for (int i = 0; i < 30; ++i) {
    LibrarySpec spec{.path = "p/" + std::to_string(i) + "/lib" + std::to_string(i), .rpath = path};
    for (int k = 0; k < 30; ++k) {
      if (k != i) spec.needed.push_back("lib" + std::to_string(k));
    }
    specs.push_back(std::move(spec));
  }
  const auto loading = loading_of(specs, {});
  ASSERT_THAT(loading.graph.unmet, SizeIs(30u * 29u));
  std::size_t bytes = 0;
  for (const auto& need : loading.graph.unmet) {
    EXPECT_EQ(need.tried.attempts.size() + need.tried.not_listed, 65u);
    for (const auto& attempt : need.tried.attempts) bytes += attempt.path.size();
  }
  EXPECT_THAT(loading.graph.unmet.front().tried.attempts, SizeIs(65));
  EXPECT_LE(bytes, 16u << 20);
}

TEST(SimulateLoading, ADlopenThatWouldFailKeepsWhereItsNameWasLookedFor) {
  const auto loading = loading_of(
      {{.path = "p/a.so", .runpath = "$ORIGIN/no", .mentions = {"b.so"}}, {.path = "p/lib/b.so"}},
      {import_of({0})});
  ASSERT_THAT(loading.graph.needs, SizeIs(1));
  EXPECT_FALSE(loading.graph.needs[0].is_met());
  ASSERT_THAT(loading.graph.needs[0].tried.attempts, SizeIs(2));
  EXPECT_EQ(loading.graph.needs[0].tried.attempts[0].path, "/site-packages/p/no/b.so");
  EXPECT_EQ(loading.graph.needs[0].tried.not_listed, 0u);
}

/// Opening all that each of them needs was work with the square of the chain.
TEST(SimulateLoading, AChainThatNobodyOpensIsWalkedOnceAndEachLibrarysOwnAnswerIsTold) {
  constexpr std::size_t kCount = 3000;
  std::vector<LibrarySpec> specs;
  const auto name = [](std::size_t i) { return "lib" + std::to_string(10000 + i) + ".so"; };
  for (std::size_t i = 0; i < kCount; ++i) {
    specs.push_back({.path = "p/" + name(i), .rpath = "$ORIGIN"});
    if (i + 1 < kCount) specs.back().needed = {name(i + 1)};
  }
  const std::clock_t start = std::clock();
  const auto loading = loading_of(specs, {});
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 3);
  ASSERT_THAT(loading.graph.needs, SizeIs(kCount - 1));
  for (const auto& need : loading.graph.needs) EXPECT_EQ(need.path_owner, need.from);
}

}  // namespace
}  // namespace spokeshave
