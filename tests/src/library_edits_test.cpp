#include "src/library_edits.h"

#include <gmock/gmock.h>

#include "tests/support/inventory_builder.h"

namespace spokeshave {
namespace {

using support::LibrarySpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What is planned for each library of a wheel `w` when these move.
struct Edited {
  support::WheelValues wheel;
  SplitPlan plan;

  Edited(const std::vector<LibrarySpec>& specs, const std::map<std::string, std::string>& moved,
         const SplitRequest& wanted = support::request(), const ExtraFolders& extra = {})
      : wheel(support::make_wheel("w", specs)), plan(support::plan_that_moves(wheel, moved)) {
    plan_edits(plan, wheel.inventory, support::needs_of(wheel.inventory), wanted, extra);
  }

  const PlannedLibrary& of(const std::string& path) const { return plan.libraries[wheel.at(path)]; }
  std::string path(const std::string& library) const {
    return of(library).edits.search_path.value_or("as it was");
  }
  /// As it is after the rewrite.
  elf::InstalledLibrary after(const std::string& path) const {
    return installed_after(wheel.inventory, plan, Layout::kSitePackages)[wheel.at(path)];
  }
};

TEST(PlanEdits, OneThatStaysGetsTheWayToWhatMovedBehindItsOldPath) {
  const Edited edited(
      {{.path = "w/lib/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"}, {.path = "w/lib/b.so"}},
      {{"w/lib/b.so", "w_libs/lib/b.so"}});
  EXPECT_EQ(edited.path("w/lib/a.so"), "$ORIGIN:$ORIGIN/../../w_libs/lib");
  EXPECT_THAT(edited.of("w/lib/a.so").why, ElementsAre("needs b.so"));
  EXPECT_TRUE(edited.of("w/lib/b.so").edits.empty());
}

TEST(PlanEdits, ALibraryKeepsTheKindOfPathThatItHas) {
  const Edited edited({{.path = "w/lib/a.so", .needed = {"c.so"}, .rpath = "$ORIGIN"},
                       {.path = "w/lib/b.so", .needed = {"c.so"}, .runpath = "$ORIGIN"},
                       {.path = "w/lib/c.so"}},
                      {{"w/lib/c.so", "w_libs/lib/c.so"}});
  EXPECT_EQ(edited.after("w/lib/a.so").rpath, "$ORIGIN:$ORIGIN/../../w_libs/lib");
  EXPECT_EQ(edited.after("w/lib/a.so").runpath, std::nullopt);
  EXPECT_EQ(edited.after("w/lib/b.so").rpath, std::nullopt);
  EXPECT_EQ(edited.after("w/lib/b.so").runpath, "$ORIGIN:$ORIGIN/../../w_libs/lib");
}

TEST(PlanEdits, OfBothPathsTheRunpathIsInForceAndRemains) {
  const Edited edited(
      {{.path = "w/lib/a.so", .needed = {"b.so"}, .rpath = "/nowhere", .runpath = "$ORIGIN"},
       {.path = "w/lib/b.so"}},
      {{"w/lib/b.so", "w_libs/lib/b.so"}});
  EXPECT_EQ(edited.after("w/lib/a.so").runpath, "$ORIGIN:$ORIGIN/../../w_libs/lib");
  EXPECT_EQ(edited.after("w/lib/a.so").rpath, std::nullopt);
}

// glibc does not look at the RPATH of the chain of loaders once a library has a RUNPATH of its own.
TEST(PlanEdits, AFirstRunpathLeadsToAllThatTheInheritedRpathLedTo) {
  const Edited edited(
      {{.path = "w/_C.so", .needed = {"a.so"}, .rpath = "$ORIGIN/lib", .extension_module = true},
       {.path = "w/lib/a.so", .needed = {"b.so", "c.so"}},
       {.path = "w/lib/b.so"},
       {.path = "w/lib/c.so"}},
      {{"w/lib/b.so", "w_libs/lib/b.so"}});
  EXPECT_EQ(edited.after("w/lib/a.so").runpath, "$ORIGIN/../../w_libs/lib:$ORIGIN");
  EXPECT_EQ(edited.after("w/lib/a.so").rpath, std::nullopt);
  EXPECT_TRUE(edited.of("w/_C.so").edits.empty());
}

TEST(PlanEdits, OneWithoutAPathThatInheritsTheWayToOtherWheelsGetsAnRpath) {
  const Edited edited({{.path = "w/_C.so",
                        .needed = {"a.so"},
                        .rpath = "$ORIGIN/lib:$ORIGIN/../nvidia/cublas/lib",
                        .extension_module = true},
                       {.path = "w/lib/a.so", .needed = {"b.so", "libcublas.so.12"}},
                       {.path = "w/lib/b.so"}},
                      {{"w/lib/b.so", "w_libs/lib/b.so"}});
  EXPECT_EQ(edited.after("w/lib/a.so").rpath, "$ORIGIN/../../w_libs/lib");
  EXPECT_EQ(edited.after("w/lib/a.so").runpath, std::nullopt);
}

TEST(PlanEdits, OneThatMovedLooksBesideItThenBackThenWhereItsOldEntriesLead) {
  const Edited edited({{.path = "w/lib/a.so",
                        .needed = {"b.so", "c.so"},
                        .runpath = "$ORIGIN:$ORIGIN/../other:/opt/lib"},
                       {.path = "w/lib/b.so"},
                       {.path = "w/other/c.so"}},
                      {{"w/lib/a.so", "w_libs/lib/a.so"}});
  EXPECT_EQ(edited.path("w/lib/a.so"),
            "$ORIGIN:$ORIGIN/../../w/lib:$ORIGIN/../../w/other:/opt/lib");
  EXPECT_THAT(edited.of("w/lib/a.so").why, ElementsAre("needs b.so, c.so"));
}

TEST(PlanEdits, OneThatMovedIsStillLedToWhatCameAlong) {
  const Edited edited({{.path = "w/a.so",
                        .needed = {"b.so"},
                        .runpath = "$ORIGIN/lib:$ORIGIN",
                        .mentions = {"c.so"}},
                       {.path = "w/b.so"},
                       {.path = "w/lib/c.so"}},
                      {{"w/a.so", "w_libs/a.so"}, {"w/lib/c.so", "w_libs/lib/c.so"}});
  EXPECT_EQ(edited.path("w/a.so"), "$ORIGIN:$ORIGIN/../w:$ORIGIN/lib");
  EXPECT_THAT(edited.of("w/a.so").why, ElementsAre("needs b.so"));
}

TEST(PlanEdits, WhatMovesTogetherPassesThrough) {
  const Edited edited({{.path = "w/lib/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"},
                       {.path = "w/lib/b.so", .needed = {"libc.so.6"}, .rpath = "$ORIGIN"}},
                      {{"w/lib/a.so", "w_libs/lib/a.so"}, {"w/lib/b.so", "w_libs/lib/b.so"}});
  EXPECT_TRUE(edited.of("w/lib/a.so").edits.empty());
  EXPECT_TRUE(edited.of("w/lib/b.so").edits.empty());
  EXPECT_THAT(edited.of("w/lib/a.so").why, IsEmpty());
}

TEST(PlanEdits, WhereOtherWheelsAreNeededTheWaysToThemAreKeptFromTheNewDepth) {
  const Edited edited({{.path = "w/lib/a.so",
                        .needed = {"libcublas.so.12"},
                        .rpath = "$ORIGIN/../../nvidia/cublas/lib:$ORIGIN"},
                       {.path = "w/lib/b.so", .needed = {"a.so"}, .runpath = "$ORIGIN"}},
                      {{"w/lib/a.so", "w_libs/w/lib/a.so"}});
  EXPECT_EQ(edited.after("w/lib/a.so").rpath,
            "$ORIGIN:$ORIGIN/../../../nvidia/cublas/lib:$ORIGIN/../../../w/lib");
}

TEST(PlanEdits, RunpathOfTheUserIsGivenToAllThatMovesAndToNoOther) {
  SplitRequest wanted = support::request();
  wanted.runpath = "$ORIGIN/../../x";
  const Edited edited({{.path = "w/lib/a.so", .needed = {"b.so"}, .rpath = "$ORIGIN"},
                       {.path = "w/lib/b.so", .rpath = "$ORIGIN"},
                       {.path = "w/lib/c.so"}},
                      {{"w/lib/b.so", "w_libs/lib/b.so"}, {"w/lib/c.so", "w_libs/lib/c.so"}},
                      wanted);
  for (const char* moved : {"w/lib/b.so", "w/lib/c.so"}) {
    EXPECT_EQ(edited.after(moved).runpath, "$ORIGIN/../../x") << moved;
    EXPECT_EQ(edited.after(moved).rpath, std::nullopt) << moved;
  }
  EXPECT_EQ(edited.after("w/lib/a.so").rpath, "$ORIGIN:$ORIGIN/../../w_libs/lib");
}

TEST(PlanEdits, OneThatMovedGetsTheSonameThatOthersAskFor) {
  const Edited edited(
      {{.path = "w/a.so", .needed = {"libgomp-a34b.so.1"}, .runpath = "$ORIGIN/../w.libs"},
       {.path = "w.libs/libgomp-a34b.so.1", .soname = "libgomp.so.1"}},
      {{"w.libs/libgomp-a34b.so.1", "w_libs/w.libs/libgomp-a34b.so.1"}});
  const auto& moved = edited.of("w.libs/libgomp-a34b.so.1");
  EXPECT_EQ(moved.edits.soname, "libgomp-a34b.so.1");
  EXPECT_FALSE(moved.edits.search_path.has_value());
  EXPECT_THAT(moved.why, ElementsAre(HasSubstr("libgomp-a34b.so.1")));
}

// It is loaded before the one that moved, and must then count as what that needs.
TEST(PlanEdits, OneThatStaysAndIsNeededByOneThatMovedGetsThatSonameToo) {
  const Edited edited({{.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"},
                       {.path = "w/b.so", .needed = {"c-1.so"}, .runpath = "$ORIGIN"},
                       {.path = "w/c-1.so", .soname = "c.so"}},
                      {{"w/b.so", "w_libs/b.so"}});
  EXPECT_EQ(edited.of("w/c-1.so").edits.soname, "c-1.so");
}

TEST(PlanEdits, OneThatStaysAndIsNeededByOthersThatStayKeepsItsSoname) {
  const Edited edited({{.path = "w/a.so", .needed = {"b-1.so"}, .runpath = "$ORIGIN"},
                       {.path = "w/b-1.so", .soname = "b.so"},
                       {.path = "w/c.so"},
                       {.path = "w/d.so", .needed = {"c.so"}, .runpath = "$ORIGIN"}},
                      {{"w/c.so", "w_libs/c.so"}});
  EXPECT_TRUE(edited.of("w/b-1.so").edits.empty());
}

TEST(PlanEdits, AnOpeningIsANeedAsWell) {
  const Edited edited(
      {{.path = "w/lib/a.so", .runpath = "$ORIGIN", .mentions = {"b.so"}}, {.path = "w/lib/b.so"}},
      {{"w/lib/b.so", "w_libs/lib/b.so"}});
  EXPECT_EQ(edited.path("w/lib/a.so"), "$ORIGIN:$ORIGIN/../../w_libs/lib");
  EXPECT_THAT(edited.of("w/lib/a.so").why, ElementsAre("needs b.so (dlopen)"));
}

TEST(PlanEdits, OneThatIsOpenedFromAnotherWheelGetsTheNameThatItIsOpenedBy) {
  const Edited edited(
      {{.path = "w/a.so", .runpath = "$ORIGIN", .mentions = {"b-1.so"}},
       {.path = "w/b-1.so", .runpath = "$ORIGIN", .soname = "b.so", .mentions = {"c-1.so"}},
       {.path = "w/c-1.so", .soname = "c.so"}},
      {{"w/b-1.so", "w_libs/b-1.so"}, {"w/c-1.so", "w_libs/c-1.so"}});
  EXPECT_EQ(edited.of("w/b-1.so").edits.soname, "b-1.so");
  EXPECT_TRUE(edited.of("w/c-1.so").edits.empty()) << "it lies beside the one that opens it";
}

TEST(PlanEdits, ExtraFoldersAreAdded) {
  const Edited edited({{.path = "w/lib/a.so", .runpath = "$ORIGIN"}, {.path = "w/lib/b.so"}},
                      {{"w/lib/b.so", "w_libs/lib/b.so"}}, support::request(),
                      {{0, {"w_libs/lib"}}});
  EXPECT_EQ(edited.path("w/lib/a.so"), "$ORIGIN:$ORIGIN/../../w_libs/lib");
}

TEST(RebaseEntry, LeadsFromTheNewFolderToWhereItLed) {
  EXPECT_EQ(rebase_entry("$ORIGIN/../x", "p/lib", "comp/deep/lib"), "$ORIGIN/../../../p/x");
  EXPECT_EQ(rebase_entry("${ORIGIN}/../x", "p/lib", "p/y"), "$ORIGIN/../x");
  EXPECT_EQ(rebase_entry("$ORIGIN", "p/lib", "comp/lib"), "$ORIGIN/../../p/lib");
  EXPECT_EQ(rebase_entry("$ORIGIN/../../comp/lib", "p/lib", "comp/lib"), "$ORIGIN");
  EXPECT_EQ(rebase_entry("$ORIGIN/lib", "", "comp"), "$ORIGIN/../lib");
}

TEST(RebaseEntry, MayLeadOutOfSitePackages) {
  EXPECT_EQ(rebase_entry("$ORIGIN/../../../../lib", "p/lib", "comp/lib"),
            "$ORIGIN/../../../../lib");
  EXPECT_EQ(rebase_entry("$ORIGIN/../../../../lib", "p/lib", "comp/a/lib"),
            "$ORIGIN/../../../../../lib");
}

TEST(RebaseEntry, WhatDoesNotDependOnTheFolderStays) {
  for (const char* entry : {"/usr/local/cuda/lib64", "", "$ORIGIN/$LIB", "$ORIGINAL/x", "lib",
                            "$LIB/x", "/a/$ORIGIN"}) {
    EXPECT_EQ(rebase_entry(entry, "p/lib", "comp/a/lib"), entry);
  }
}

TEST(IsRewrittenWhenMoved, WhereTheSonameIsNotWhatOthersAskFor) {
  const auto library = support::make_library({.path = "w/b-1.so", .soname = "b.so"});
  EXPECT_TRUE(is_rewritten_when_moved(library, "b-1.so", "w_libs", false));
  EXPECT_FALSE(is_rewritten_when_moved(library, "b.so", "w_libs", false));
  EXPECT_FALSE(is_rewritten_when_moved(library, std::nullopt, "w_libs", false));
}

TEST(IsRewrittenWhenMoved, WhereAnEntryThatMustBeKeptLeadsElsewhereFromThere) {
  const auto library =
      support::make_library({.path = "w/lib/b.so", .rpath = "$ORIGIN/../../nvidia/lib"});
  EXPECT_TRUE(is_rewritten_when_moved(library, "b.so", "w_libs/a/lib", true));
  EXPECT_FALSE(is_rewritten_when_moved(library, "b.so", "w_libs/lib", true)) << "as deep as before";
  EXPECT_FALSE(is_rewritten_when_moved(library, "b.so", "w_libs/a/lib", false));
}

}  // namespace
}  // namespace spokeshave
