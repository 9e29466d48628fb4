#include <gmock/gmock.h>

#include "src/find_problems.h"
#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::findings_of;
using support::inspection_of;
using support::LibrarySpec;
using support::WheelSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::vector<Finding> dead_entries(const std::vector<LibrarySpec>& libraries,
                                  Layout layout = Layout::kSitePackages) {
  return findings_of(inspection_of({{.name = "a", .libraries = libraries}}, layout),
                     FindingKind::kDeadEntry);
}

TEST(DeadEntries, AreThoseThatLeadToNoFolderWithALibrary) {
  EXPECT_THAT(dead_entries({{.path = "a/liba.so", .rpath = "$ORIGIN/lib:$ORIGIN"},
                            {.path = "a/lib/libb.so"}}),
              IsEmpty());
  const auto findings = dead_entries(
      {{.path = "a/liba.so", .rpath = "$ORIGIN/lib64:$ORIGIN"}, {.path = "a/lib/libb.so"}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`$ORIGIN/lib64` in the RPATH of `liba.so` leads nowhere");
  EXPECT_EQ(findings[0].consequence,
            "all that is needed is found without it; the loader only looks there in vain");
  EXPECT_EQ(findings[0].way_out, "leave it out of the path");
  EXPECT_THAT(findings[0].libraries, ElementsAre(1u));
  EXPECT_FALSE(is_problem(findings[0].kind));
}

TEST(DeadEntries, OfBothPathsOnlyTheOneThatCountsIsLookedAt) {
  EXPECT_THAT(dead_entries({{.path = "a/liba.so", .rpath = "$ORIGIN/gone", .runpath = "$ORIGIN"}}),
              IsEmpty());
  const auto findings =
      dead_entries({{.path = "a/liba.so", .rpath = "$ORIGIN", .runpath = "$ORIGIN/gone"}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].what, HasSubstr("RUNPATH"));
}

TEST(DeadEntries, OfAnotherMachineAreToldApart) {
  const auto findings =
      dead_entries({{.path = "a/liba.so", .rpath = "$ORIGIN/gone:/opt/build/lib:/usr/lib64"}});
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_THAT(findings[0].what, HasSubstr("`/opt/build/lib`"));
  EXPECT_THAT(findings[0].consequence, HasSubstr("it is a folder of no wheel"));
  EXPECT_THAT(findings[1].what, HasSubstr("`$ORIGIN/gone`"));
}

TEST(DeadEntries, WhereAnotherWheelIsToBringWhatIsNeededAnEntryMayLeadThere) {
  EXPECT_THAT(
      dead_entries({{.path = "a/liba.so", .needed = {"libq.so"}, .rpath = "$ORIGIN/../q/lib"}}),
      IsEmpty());
  EXPECT_THAT(
      dead_entries({{.path = "a/liba.so", .needed = {"libc.so.6"}, .rpath = "$ORIGIN/../q/lib"}}),
      SizeIs(1));
}

TEST(DeadEntries, WhereSomethingIsMissingThatIsWhatFollows) {
  const auto findings = dead_entries({{.path = "a/_a.so",
                                       .needed = {"libb.so"},
                                       .rpath = "$ORIGIN/gone",
                                       .extension_module = true},
                                      {.path = "a/lib/libb.so"}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].consequence, "what was to be found there is missing");
}

TEST(DeadEntries, ARequiredWheelThatIsNotHereMayBringTheFolder) {
  const WheelSpec wheel = {
      .name = "torch",
      .libraries = {{.path = "torch/lib/libc10.so",
                     .rpath = "$ORIGIN/../../nvidia/lib:$ORIGIN/../lib64:$ORIGIN/../../../nvidia"}},
      .requirements = {"nvidia"}};
  const auto of = [](const WheelSpec& spec, std::vector<WheelSpec> others = {}) {
    others.insert(others.begin(), spec);
    return findings_of(inspection_of(others), FindingKind::kDeadEntry);
  };
  ASSERT_THAT(of(wheel), SizeIs(1));
  EXPECT_THAT(of(wheel)[0].what, HasSubstr("`$ORIGIN/../lib64` and `$ORIGIN/../../../nvidia` in"))
      << "beside its own folders, and outside of site-packages, no wheel brings it";
  ASSERT_THAT(of(wheel, {{.name = "nvidia"}}), SizeIs(1));
  EXPECT_THAT(of(wheel, {{.name = "nvidia"}})[0].what, HasSubstr("nvidia/lib`,"));
}

TEST(DeadEntries, AreToldOnceForAllThatHaveThem) {
  const auto findings = dead_entries({{.path = "a/liba.so", .runpath = "$ORIGIN/gone"},
                                      {.path = "a/libb.so", .runpath = "$ORIGIN/gone"},
                                      {.path = "a/libq.so", .runpath = "$ORIGIN/away"}});
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_THAT(findings[0].libraries, ElementsAre(0u, 1u));
  EXPECT_EQ(findings[0].what,
            "`$ORIGIN/gone` in the RUNPATH of `liba.so` and `libb.so` leads nowhere");
}

/// cuDNN 8.9.2.
TEST(DeadEntries, AFolderOfAnotherNameMayBeMeant) {
  const auto findings = dead_entries(
      {{.path = "nvidia/cudnn/lib/libcudnn.so.8", .runpath = "$ORIGIN/../../nvrtc/lib"},
       {.path = "nvidia/cuda_nvrtc/lib/libnvrtc.so.12"}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].way_out, "`nvidia/cuda_nvrtc/lib` may be meant: it has libraries");
}

TEST(DeadEntries, InSeparateFoldersAnEntryForOneFolderIsNotDead) {
  EXPECT_THAT(
      findings_of(
          inspection_of(
              {{.name = "a", .libraries = {{.path = "a/liba.so", .rpath = "$ORIGIN/../b/lib"}}},
               {.name = "b", .libraries = {{.path = "b/lib/libb.so"}}}},
              Layout::kSeparate),
          FindingKind::kDeadEntry),
      IsEmpty());
}

TEST(DeadEntries, AnEntryLikeTheRootsOwnNameIsNoSurprise) {
  for (const char* entry : {"/site", "/packages", "/s", "/b", "/", "//", "$ORIGIN/..",
                            "$ORIGIN/../..", "$ORIGIN/../b", "$ORIGIN/../../../../..", "b", "."}) {
    SCOPED_TRACE(entry);
    for (const Layout layout : {Layout::kSitePackages, Layout::kSeparate}) {
      EXPECT_THAT(dead_entries({{.path = "_root.so", .extension_module = true},
                                {.path = "../bin/tool", .program = true},
                                {.path = "../x.so"},
                                {.path = "a/liba.so", .rpath = entry}},
                               layout),
                  SizeIs(testing::Le(1)));
    }
  }
}

TEST(DeadEntries, AFolderOfThisSetIsNoGuessForOneOfTheBuildMachine) {
  const auto findings =
      dead_entries({{.path = "_root.so", .extension_module = true, .type = elf::ET_DYN},
                    {.path = "a/liba.so", .rpath = "/site"}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].way_out, HasSubstr("leave it out"));
}

TEST(DeadEntries, EmptyOnesAndEmptyPathsAreNoEntries) {
  EXPECT_THAT(dead_entries({{.path = "a/liba.so", .rpath = ""}}), IsEmpty());
  EXPECT_THAT(dead_entries({{.path = "a/liba.so", .runpath = "::$ORIGIN:"}}), IsEmpty());
}

TEST(DeadEntries, AThousandEntriesAreOneShortFinding) {
  std::string path;
  for (int i = 0; path.size() < 60'000; ++i) path += ":/gone/" + std::to_string(i);
  const auto findings = dead_entries({{.path = "a/liba.so", .rpath = path}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_LT(findings[0].what.size(), 200u);
}

TEST(DeadEntries, AreFitForATerminal) {
  const auto findings = dead_entries({{.path = "a/liba.so", .rpath = "/\x1b[2J\xff"}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].what, HasSubstr("`/\\x1b[2J\\xff`"));
}

std::vector<Finding> borrowed(const std::vector<LibrarySpec>& libraries) {
  return findings_of(inspection_of({{.name = "a", .libraries = libraries}}),
                     FindingKind::kBorrowedPath);
}

TEST(BorrowedPaths, ANeedThatOnlyTheLoadersRpathMeets) {
  const LibrarySpec module = {.path = "a/_C.so",
                              .needed = {"libb.so"},
                              .rpath = "$ORIGIN/lib:$ORIGIN/deep/er",
                              .extension_module = true};
  const LibrarySpec last = {.path = "a/deep/er/libq.so"};
  EXPECT_THAT(
      borrowed({module,
                {.path = "a/lib/libb.so", .needed = {"libq.so"}, .rpath = "$ORIGIN/../deep/er"},
                last}),
      IsEmpty());
  const auto findings = borrowed({module, {.path = "a/lib/libb.so", .needed = {"libq.so"}}, last});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what,
            "`libb.so` finds `libq.so` only through the path of what loads it, here `_C.so`");
  EXPECT_EQ(findings[0].consequence,
            "it does not load by itself, nor for a library whose path does not lead there");
  EXPECT_EQ(findings[0].way_out, "give it a RUNPATH of its own: `$ORIGIN/../deep/er`");
  EXPECT_FALSE(is_problem(findings[0].kind));
}

TEST(BorrowedPaths, WhatItFindsByItselfTooIsNotBorrowed) {
  EXPECT_THAT(
      borrowed(
          {{.path = "a/_C.so", .needed = {"libb.so"}, .rpath = "$ORIGIN", .extension_module = true},
           {.path = "a/libb.so", .needed = {"libstdc++.so.6"}},
           {.path = "a/libstdc++.so.6"}}),
      IsEmpty())
      << "the system has that one";
}

TEST(BorrowedPaths, SeveralNeedsThroughOnePathAreOneFinding) {
  const auto findings = borrowed(
      {{.path = "a/_C.so", .needed = {"libb.so"}, .rpath = "$ORIGIN", .extension_module = true},
       {.path = "a/libb.so", .needed = {"libc1.so", "libd.so"}},
       {.path = "a/libc1.so"},
       {.path = "a/libd.so"}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].what, HasSubstr("`libc1.so` and `libd.so`"));
  EXPECT_THAT(findings[0].way_out, HasSubstr("`$ORIGIN`"));
}

TEST(BorrowedPaths, WhatNobodyElseLoadsBorrowsNothing) {
  EXPECT_THAT(borrowed({{.path = "a/libb.so", .needed = {"libc1.so"}, .rpath = "$ORIGIN"},
                        {.path = "a/libc1.so"}}),
              IsEmpty());
}

}  // namespace
}  // namespace spokeshave
