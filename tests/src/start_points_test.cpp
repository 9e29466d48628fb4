#include "src/start_points.h"

#include <gmock/gmock.h>

#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::index_of;
using support::inspection_of;
using support::WheelSpec;
using testing::ElementsAre;
using testing::IsEmpty;

/// What a process opens, by path: `path` by name, `~path` by search.
std::vector<std::vector<std::string>> processes_of(const std::vector<WheelSpec>& specs) {
  Inspection inspection = inspection_of(specs);
  std::vector<InspectedLibrary> libraries = std::move(inspection.libraries);
  std::vector<std::vector<std::string>> all;
  for (const auto& process : plan_processes(inspection.wheels, libraries)) {
    auto& steps = all.emplace_back();
    if (process.by == LoadedBy::kProgram) steps.push_back("run");
    for (const auto& openings : process.openings) {
      for (const auto i : openings.named) steps.push_back(libraries[i].library->installed_path);
      for (const auto i : openings.searched) {
        steps.push_back("~" + libraries[i].library->installed_path);
      }
    }
  }
  return all;
}

TEST(PlanProcesses, AWheelThatNobodyOpensHasNone) {
  EXPECT_THAT(processes_of({{.name = "w", .libraries = {{.path = "w/liba.so"}}}}), IsEmpty());
  EXPECT_THAT(processes_of({{.name = "w"}}), IsEmpty());
  EXPECT_THAT(processes_of({}), IsEmpty());
}

TEST(PlanProcesses, ExtensionModulesOfThePackageAndOfTopFoldersComeFirst) {
  EXPECT_THAT(
      processes_of({{.name = "My.Wheel",
                     .libraries = {{.path = "a_helper/_x.so", .extension_module = true},
                                   {.path = "my_wheel/deep/_a.so", .extension_module = true},
                                   {.path = "my_wheel/_z.so", .extension_module = true},
                                   {.path = "my_wheel/_b.so", .extension_module = true}}}}),
      ElementsAre(ElementsAre("my_wheel/_b.so", "my_wheel/_z.so", "my_wheel/deep/_a.so",
                              "a_helper/_x.so")));
}

TEST(PlanProcesses, PackagesOpenBeforeModulesAndOtherFilesBehindThem) {
  EXPECT_THAT(processes_of({{.name = "w",
                             .libraries = {{.path = "w/_C.so", .extension_module = true},
                                           {.path = "w/liba.so"},
                                           {.path = "w/libb.so"},
                                           {.path = "w/libc.so"}},
                             .openers = {{.path = "w/aaa.py", .opened = {"libc.so"}},
                                         {.path = "w/sub/__init__.py", .opened = {"libb.so"}},
                                         {.path = "w/__init__.py", .opened = {"liba.so"}}}}}),
              ElementsAre(ElementsAre("w/liba.so", "w/libb.so", "w/_C.so", "w/libc.so")));
}

TEST(PlanProcesses, AFileOpensInTheOrderOfItsText) {
  EXPECT_THAT(
      processes_of({{.name = "w",
                     .libraries = {{.path = "w/liba.so"}, {.path = "w/libz.so"}},
                     .openers = {{.path = "w/__init__.py", .opened = {"libz.so", "liba.so"}}}}}),
      ElementsAre(ElementsAre("w/libz.so", "w/liba.so")));
}

TEST(PlanProcesses, WhatIsSearchedComesBehindWhatIsNamed) {
  EXPECT_THAT(processes_of({{.name = "w",
                             .libraries = {{.path = "w/liba.so"}, {.path = "w/libz.so"}},
                             .openers = {{.path = "w/__init__.py",
                                          .opened = {"libz.so"},
                                          .searched = {"liba.so"}}}}}),
              ElementsAre(ElementsAre("w/libz.so", "~w/liba.so")));
}

TEST(PlanProcesses, OfTwoWithOneFileNameTheOneOfTheOwnWheelIsMeant) {
  const std::vector<support::LibrarySpec> own = {{.path = "a/libx.so"}};
  const WheelSpec other = {.name = "b", .libraries = {{.path = "b/libx.so"}}};
  const std::vector<support::OpenerSpec> opener = {
      {.path = "a/__init__.py", .opened = {"libx.so"}}};
  EXPECT_THAT(processes_of({{.name = "a", .libraries = own, .openers = opener}, other}),
              ElementsAre(ElementsAre("a/libx.so")));
  EXPECT_THAT(processes_of({{.name = "a", .openers = opener}, other}),
              ElementsAre(ElementsAre("b/libx.so")));
}

TEST(PlanProcesses, AProgramHasAProcessOfItsOwnAndIsNeverOpened) {
  EXPECT_THAT(
      processes_of({{.name = "w",
                     .libraries = {{.path = "w/bin/tool", .program = true}, {.path = "w/liba.so"}},
                     .openers = {{.path = "w/__init__.py", .opened = {"tool", "liba.so"}}}}}),
      ElementsAre(ElementsAre("w/liba.so"), ElementsAre("run", "w/bin/tool")));
}

TEST(PlanProcesses, EachWheelHasItsOwnImport) {
  EXPECT_THAT(
      processes_of({{.name = "b", .libraries = {{.path = "b/_b.so", .extension_module = true}}},
                    {.name = "a", .libraries = {{.path = "a/_a.so", .extension_module = true}}}}),
      ElementsAre(ElementsAre("b/_b.so"), ElementsAre("a/_a.so")));
}

TEST(PlanProcesses, WhatAWheelRequiresIsImportedFirst) {
  const WheelSpec a = {.name = "a",
                       .libraries = {{.path = "a/_a.so", .extension_module = true}},
                       .requirements = {"b"}};
  const WheelSpec b = {.name = "b", .requirements = {"c", "not-here"}};
  const WheelSpec c = {.name = "c",
                       .libraries = {{.path = "c/_c.so", .extension_module = true}},
                       .requirements = {"a"}};
  EXPECT_THAT(processes_of({a, b, c}),
              ElementsAre(ElementsAre("c/_c.so", "a/_a.so"), ElementsAre("a/_a.so", "c/_c.so")));
}

TEST(PlanProcesses, NotesWhoOpensEachOnce) {
  const Inspection inspection = inspection_of(
      {{.name = "w",
        .libraries = {{.path = "w/liba.so"}, {.path = "w/libb.so"}},
        .openers = {{.path = "w/__init__.py", .opened = {"liba.so"}, .searched = {"liba.so"}},
                    {.path = "w/load.py", .searched = {"liba.so"}}}}});
  EXPECT_THAT(inspection.libraries[index_of(inspection, "w/liba.so")].opened_by,
              ElementsAre("w/__init__.py", "w/load.py"));
  EXPECT_THAT(inspection.libraries[index_of(inspection, "w/libb.so")].opened_by, IsEmpty());
}

TEST(PlanProcesses, ANameThatNoLibraryHasOpensNothing) {
  EXPECT_THAT(processes_of({{.name = "w",
                             .libraries = {{.path = "w/liba.so"}},
                             .openers = {{.path = "w/__init__.py", .opened = {"libq.so"}}}}}),
              IsEmpty());
}

}  // namespace
}  // namespace spokeshave
