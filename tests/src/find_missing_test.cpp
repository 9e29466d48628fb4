#include <gmock/gmock.h>

#include "src/find_problems.h"
#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::findings_of;
using support::index_of;
using support::inspection_of;
using support::WheelSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::vector<Finding> missing(const std::vector<WheelSpec>& specs,
                             Layout layout = Layout::kSitePackages) {
  return findings_of(inspection_of(specs, layout), FindingKind::kMissing);
}

/// A module that needs a library two wheels on, whose path leads there only in one folder.
std::vector<WheelSpec> two_wheels() {
  return {{.name = "a",
           .libraries = {{.path = "a/_a.so",
                          .needed = {"libb.so"},
                          .rpath = "$ORIGIN/../b/lib",
                          .extension_module = true}}},
          {.name = "b", .libraries = {{.path = "b/lib/libb.so"}}}};
}

TEST(FindMissing, AppearsOnlyWhereThePathDoesNotLead) {
  EXPECT_THAT(missing(two_wheels()), IsEmpty());
  const auto findings = missing(two_wheels(), Layout::kSeparate);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`libb.so` will be missing");
  EXPECT_EQ(findings[0].consequence, "`_a.so` needs it and does not load: the import fails");
  EXPECT_EQ(findings[0].way_out,
            "b/lib/libb.so of `b 1.0` is it, where no path leads from a folder of its own: load it "
            "before what needs it");
  EXPECT_THAT(findings[0].missing, ElementsAre("libb.so"));
  EXPECT_TRUE(is_problem(findings[0].kind));
}

TEST(FindMissing, InOneFolderThePathIsWhatHelps) {
  const auto findings =
      missing({{.name = "a",
                .libraries = {{.path = "a/_a.so", .needed = {"libb.so"}, .extension_module = true},
                              {.path = "a/lib/libb.so"}}}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].way_out,
            "a/lib/libb.so of `a 1.0` is it, where no path leads: add its folder to the RUNPATH of "
            "`_a.so`");
}

TEST(FindMissing, WhatNoWheelOfTheSetHasIsNoFinding) {
  EXPECT_THAT(missing({{.name = "a",
                        .libraries = {{.path = "a/_a.so",
                                       .needed = {"libc.so.6", "libcuda.so.1", "libq.so"},
                                       .extension_module = true}}}},
                      Layout::kSeparate),
              IsEmpty());
}

TEST(FindMissing, OneNameIsOneFindingWhoeverNeedsIt) {
  const auto findings =
      missing({{.name = "a",
                .libraries = {{.path = "a/_a.so", .needed = {"libb.so"}, .extension_module = true},
                              {.path = "a/_c.so", .needed = {"libb.so"}, .extension_module = true},
                              {.path = "a/lib/libb.so"}}}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].libraries, ElementsAre(0u, 1u));
  EXPECT_EQ(findings[0].consequence,
            "`_a.so` and `_c.so` need it and do not load: the import fails");
}

TEST(FindMissing, WhatFailsForItsSakeIsToldThereAndIsNoFindingOfItsOwn) {
  const Inspection inspection = inspection_of(
      {{.name = "a",
        .libraries = {{.path = "a/_a.so", .needed = {"libb.so"}, .extension_module = true},
                      {.path = "a/lib/libb.so", .needed = {"libq.so"}},
                      {.path = "a/other/libq.so"}},
        .openers = {{.path = "a/__init__.py", .opened = {"libb.so"}}}}});
  const auto findings = findings_of(inspection, FindingKind::kMissing);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].missing, ElementsAre("libq.so"));
  EXPECT_EQ(findings[0].consequence,
            "`libb.so` needs it and does not load, nor then `_a.so`: the import fails");
  EXPECT_THAT(findings[0].libraries,
              ElementsAre(index_of(inspection, "a/lib/libb.so"), index_of(inspection, "a/_a.so")));
}

TEST(FindMissing, AProgramIsToldWithAllThatItMisses) {
  const auto findings = missing(
      {{.name = "a",
        .libraries = {{.path = "a/bin/tool", .needed = {"libb.so", "libq.so"}, .program = true},
                      {.path = "a/lib/libb.so"},
                      {.path = "a/lib/libq.so"}}}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`libb.so` and `libq.so` will be missing for `tool`");
  EXPECT_THAT(findings[0].missing, ElementsAre("libb.so", "libq.so"));
  EXPECT_EQ(findings[0].consequence, "the program does not start");
  EXPECT_EQ(findings[0].way_out,
            "a/lib/libb.so of `a 1.0` is the first of them, where no path leads: add its folder to "
            "the RUNPATH of `tool`");
}

TEST(FindMissing, WhereALibraryHasRpathTheWayOutIsNoRunpathThatSilencesIt) {
  const auto findings = missing({{.name = "a",
                                  .libraries = {{.path = "a/_a.so",
                                                 .needed = {"libb.so"},
                                                 .rpath = "$ORIGIN",
                                                 .extension_module = true},
                                                {.path = "a/lib/libb.so"}}}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].way_out, HasSubstr("to the RPATH of `_a.so`"));
}

TEST(FindMissing, AProgramInAFolderOfItsOwnIsHelpedByTheEnvironmentOnly) {
  const auto findings = missing(
      {{.name = "a", .libraries = {{.path = "a/bin/tool", .needed = {"libb.so"}, .program = true}}},
       {.name = "b", .libraries = {{.path = "b/lib/libb.so"}}}},
      Layout::kSeparate);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].way_out, HasSubstr("LD_LIBRARY_PATH"));
}

TEST(FindMissing, WhatFailsInACircleIsTold) {
  const auto findings =
      missing({{.name = "a",
                .libraries = {{.path = "a/liba.so", .needed = {"libb.so"}},
                              {.path = "a/libb.so", .needed = {"liba.so"}}},
                .openers = {{.path = "a/__init__.py", .opened = {"liba.so", "libb.so"}}}}});
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].what, "`libb.so` will be missing");
  EXPECT_EQ(findings[1].what, "`liba.so` will be missing");
}

TEST(FindMissing, OnMuslNoPreloadIsTheWayOut) {
  auto wheels = two_wheels();
  for (auto& wheel : wheels) wheel.platform_tag = "musllinux_1_2_x86_64";
  const auto findings = missing(wheels, Layout::kSeparate);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].way_out, HasSubstr("install the wheels into one folder"));
}

TEST(FindMissing, EachProgramThatMissesALibraryIsTold) {
  const auto findings =
      missing({{.name = "a",
                .libraries = {{.path = "a/bin/one",
                               .needed = {"libb.so"},
                               .runpath = "$ORIGIN/../lib",
                               .program = true},
                              {.path = "a/bin/two",
                               .needed = {"libb.so"},
                               .runpath = "$ORIGIN/../lib",
                               .program = true},
                              {.path = "a/else/libq.so"},
                              {.path = "a/lib/libb.so", .needed = {"libq.so"}}}}});
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].what, "`libq.so` will be missing for `one`");
  EXPECT_EQ(findings[1].what, "`libq.so` will be missing for `two`");
}

TEST(FindMissing, WhatARequiredWheelHasLoadedIsNotMissing) {
  const std::vector<WheelSpec> torch_and_vision = {
      {.name = "vision",
       .libraries = {{.path = "vision/_C.so", .needed = {"libc10.so"}, .extension_module = true}},
       .requirements = {"torch"}},
      {.name = "torch",
       .libraries = {{.path = "torch/_C.so",
                      .needed = {"libc10.so"},
                      .rpath = "$ORIGIN/lib",
                      .extension_module = true},
                     {.path = "torch/lib/libc10.so"}}}};
  EXPECT_THAT(missing(torch_and_vision), IsEmpty());
  EXPECT_THAT(missing(torch_and_vision, Layout::kSeparate), IsEmpty());
  auto undeclared = torch_and_vision;
  undeclared[0].requirements.clear();
  EXPECT_THAT(missing(undeclared), SizeIs(1));
}

TEST(FindMissing, WhatNobodyOpensIsToldAsSuchAndBehindTheImports) {
  const auto findings =
      missing({{.name = "a",
                .libraries = {{.path = "a/_z.so", .needed = {"libb.so"}, .extension_module = true},
                              {.path = "a/aaa.so", .needed = {"libq.so"}},
                              {.path = "a/lib/libb.so"},
                              {.path = "a/lib/libq.so"}}}});
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_THAT(findings[0].consequence, HasSubstr("the import fails"));
  EXPECT_EQ(findings[1].what, "`libq.so` will be missing for `aaa.so`");
  EXPECT_THAT(findings[1].consequence, Not(HasSubstr("the import")));
}

TEST(FindMissing, ALibraryThatNeedsItselfIsNotMissingToItself) {
  EXPECT_THAT(missing({{.name = "a", .libraries = {{.path = "a/liba.so", .needed = {"liba.so"}}}}},
                      Layout::kSeparate),
              IsEmpty());
}

TEST(FindMissing, NamesOutOfAFileCannotDriveTheTerminal) {
  const std::string evil = "lib\x1b[2J\xff`.so";
  const auto findings =
      missing({{.name = "a",
                .libraries = {{.path = "a/_a.so", .needed = {evil}, .extension_module = true},
                              {.path = "a/lib/x.so", .soname = evil}}}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`lib\\x1b[2J\\xff`.so` will be missing");
}

TEST(FindMissing, ARelativePathIsMissingWhereverTheLibraryLies) {
  const auto findings = missing({{.name = "a",
                                  .libraries = {{.path = "a/_a.so",
                                                 .needed = {"./libb.so"},
                                                 .runpath = "$ORIGIN",
                                                 .extension_module = true},
                                                {.path = "a/libb.so"}}}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`./libb.so` will be missing");
  EXPECT_EQ(findings[0].way_out,
            "a name with `/` is a path to the loader, from the folder in which the process was "
            "started: patch that wheel: --replace-needed '_a.so:./libb.so=libb.so'");
}

TEST(FindMissing, WhatTheSystemHasIsMissingWithoutDefaultFolders) {
  const auto findings = missing({{.name = "a",
                                  .libraries = {{.path = "a/_a.so",
                                                 .needed = {"libc.so.6", "libz.so.1"},
                                                 .extension_module = true,
                                                 .no_default_folders = true}}}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`libz.so.1` will be missing");
  EXPECT_EQ(findings[0].way_out,
            "no wheel here has it, and `_a.so` asks for no default folders (DF_1_NODEFLIB): add "
            "the folder that has it to the RUNPATH of `_a.so`");
}

}  // namespace
}  // namespace spokeshave
