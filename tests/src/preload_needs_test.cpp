// Which libraries are reached: by Python, by dlopen, by plugins and by programs.
#include "src/preload_needs.h"

#include <gmock/gmock.h>

#include "tests/support/preload_builder.h"

namespace spokeshave {
namespace {

using support::app_that_needs;
using support::Planned;
using support::WheelSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(PreloadNeeds, ATargetOfDlopenIsLoadedWhereItOrWhatItNeedsIsNotFoundAlone) {
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

TEST(PreloadNeeds, WhatTheMainWheelsPythonNamesOfAnotherWheelIsNotLoadedForThat) {
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

TEST(PreloadNeeds, WhatTheMainWheelsPythonOpensOfItsOwnIsARoot) {
  const Planned planned({{.name = "app",
                          .libraries = {{.path = "app/libmine.so",
                                         .needed = {"liba.so"},
                                         .runpath = "$ORIGIN/../one/lib"}},
                          .openers = {{.path = "app/__init__.py", .opened = {"libmine.so"}}}},
                         {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/liba.so"));
}

/// libmine.so fails at first, and with it `_C.so`; but it is not libmine.so that is missing.
TEST(PreloadNeeds, WhatTheImportOpensIsNotLoadedBeforehandWhereOnlyItsOwnNeedsFail) {
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

TEST(PreloadNeeds, WhatOnlyAProgramNeedsAndWhatHasNotTheSonameIsNotLoaded) {
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

/// As a library that nobody is known to open: what it lacks is a note.
TEST(PreloadNeeds, WhatAProgramMissesInItsOwnWheelUnderAnotherSonameIsNotReachedByIt) {
  const Planned planned(
      {{.name = "app",
        .libraries = {
            {.path = "app/_C.so", .extension_module = true},
            {.path = "app/bin/tool", .needed = {"libmine.so"}, .program = true},
            {.path = "app/lib/libmine.so", .needed = {"libibverbs.so.1"}, .soname = "libx.so"}}}});
  EXPECT_TRUE(planned.plan.is_whole());
  EXPECT_THAT(planned.plan.notes,
              ElementsAre(HasSubstr("`libibverbs.so.1`"), HasSubstr("`tool` does not start")));
}

TEST(PreloadNeeds, WhatAProgramFindsInItsOwnWheelUnderAnotherSonameIsReached) {
  const Planned planned(
      {{.name = "app",
        .libraries = {
            {.path = "app/_C.so", .extension_module = true},
            {.path = "app/bin/tool",
             .needed = {"libmine.so"},
             .runpath = "$ORIGIN/../lib",
             .program = true},
            {.path = "app/lib/libmine.so", .needed = {"libibverbs.so.1"}, .soname = "libx.so"}}}});
  ASSERT_EQ(planned.plan.missing.size(), 1u);
  EXPECT_EQ(planned.plan.missing[0].name, "libibverbs.so.1");
}

/// As libcupti.so.13 mentions libcupti.so.12, which triton has thrice.
TEST(PreloadNeeds, AMentionThatOneFolderDoesNotMeetCountsInTheOwnWheelOnly) {
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
TEST(PreloadNeeds, AMentionOfTheMainWheelCountsAndOneBearerIsEnough) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .mentions = {"libany.so"}, .extension_module = true}},
        .requirements = {"two"}},
       {.name = "one", .libraries = {{.path = "one/lib/libany.so"}}},
       {.name = "two", .libraries = {{.path = "two/lib/libany.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("two/lib/libany.so"));
  EXPECT_EQ(planned.plan.steps[0].reason, "opened by _C.so of app");
}

TEST(PreloadNeeds, ALibraryOfTheMainWheelThatADlopenIsAfterHasThatReason) {
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

TEST(PreloadNeeds, WhatTheMainWheelOpensOfItselfIsFoundByThePathsThatItInherits) {
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

TEST(PreloadNeeds, WhatAnUnneededWheelOpensIsNotLoaded) {
  const Planned planned({app_that_needs({"liba.so"}),
                         {.name = "one",
                          .libraries = {{.path = "one/lib/liba.so"},
                                        {.path = "one/lib/libidle.so", .mentions = {"libfar.so"}}}},
                         {.name = "two", .libraries = {{.path = "two/far/libfar.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/liba.so"));
}

TEST(PreloadNeeds, ALibraryOfTheMainWheelThatInheritsItsPathComesAfterWhatItFindsByIt) {
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

TEST(PreloadNeeds, NeitherModulesNorProgramsAreTargetsOfDlopen) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .extension_module = true},
                      {.path = "app/libapp.so", .mentions = {"libmod.so", "tool.so"}}}},
       {.name = "one",
        .libraries = {{.path = "one/libmod.so", .soname = "libmod.so", .extension_module = true},
                      {.path = "one/tool.so", .program = true}}}});
  EXPECT_THAT(planned.paths(), IsEmpty());
}

TEST(PreloadNeeds, WhatAPluginOfTheMainWheelNeedsIsLoadedThePluginIsNot) {
  const Planned planned(
      {{.name = "app",
        .libraries = {{.path = "app/_C.so", .extension_module = true},
                      {.path = "app/plugins/libplugin.so", .needed = {"liba.so"}}}},
       {.name = "one", .libraries = {{.path = "one/lib/liba.so"}}}});
  EXPECT_THAT(planned.paths(), ElementsAre("one/lib/liba.so"));
}

}  // namespace
}  // namespace spokeshave
