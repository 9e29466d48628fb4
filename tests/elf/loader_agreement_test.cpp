#include <gtest/gtest.h>

#include "tests/support/compile.h"
#include "tests/support/real_loader.h"
#include "tests/support/temp_dir.h"

// What is easily believed wrongly about the loader, shown by the loader itself.
#ifdef __x86_64__
namespace {

using support::library;
using support::Scenario;

class LoaderAgreement : public testing::Test {
 protected:
  const std::string& root() const { return root_; }
  void expect_transcript(const Scenario& scenario, const std::string& expected) const {
    support::write_libraries(scenario);
    EXPECT_EQ(support::real_transcript(scenario), expected);
    EXPECT_EQ(support::model_transcript(scenario), expected);
  }

 private:
  support::TempDir folder_;
  std::string root_ = std::filesystem::canonical(folder_.path()).string();
};

TEST_F(LoaderAgreement, WhatADlopenMapsDoesNotInheritTheRpathOfItsCaller) {
  const std::string caller = root() + "/caller.so";
  const std::string needing = root() + "/needing.so";
  const Scenario scenario{
      .libraries = {library({.path = caller, .rpath = "$ORIGIN/lib"}),
                    library({.path = root() + "/lib/libsk-plugin.so", .needed = {"libsk-leaf.so"}}),
                    library({.path = root() + "/lib/libsk-leaf.so"}),
                    library(
                        {.path = needing, .needed = {"libsk-plugin.so"}, .rpath = "$ORIGIN/lib"})},
      .dlopens = {{caller, {}}, {"libsk-plugin.so", 0}, {"libsk-leaf.so", 0}, {needing, {}}}};
  expect_transcript(scenario, "dlopen " + caller +
                                  ": ok; loaded: 0\n"
                                  "dlopen libsk-plugin.so: failed; loaded: 0\n"
                                  "dlopen libsk-leaf.so: ok; loaded: 0 2\n"
                                  "dlopen " +
                                  needing +
                                  ": ok; loaded: 0 2 3 1\n"
                                  "0 reaches: 0\n1 reaches: 1 2\n2 reaches: 2\n3 reaches: 1 2 3\n");
}

TEST_F(LoaderAgreement, APreloadByPathMeetsANeedBySonameAndNotByFileName) {
  const std::string by_soname = root() + "/x/renamed.so";
  const std::string by_file_name = root() + "/x/libsk-1a2b.so";
  const std::string first = root() + "/first.so";
  const std::string second = root() + "/second.so";
  const Scenario scenario{
      .libraries = {library({.path = by_soname, .soname = "libsk.so.1"}),
                    library({.path = by_file_name, .soname = "libsk.so.2"}),
                    library({.path = first, .needed = {"libsk.so.1"}}),
                    library({.path = second, .needed = {"libsk-1a2b.so"}})},
      .dlopens = {{by_soname, {}}, {by_file_name, {}}, {first, {}}, {second, {}}}};
  expect_transcript(scenario, "dlopen " + by_soname +
                                  ": ok; loaded: 0\n"
                                  "dlopen " +
                                  by_file_name +
                                  ": ok; loaded: 0 1\n"
                                  "dlopen " +
                                  first +
                                  ": ok; loaded: 0 1 2\n"
                                  "dlopen " +
                                  second +
                                  ": failed; loaded: 0 1 2\n"
                                  "0 reaches: 0\n1 reaches: 1\n2 reaches: 0 2\n");
}

TEST_F(LoaderAgreement, FilesOfAnotherByteOrderMachineOrClassArePassedOver) {
  const std::string big = root() + "/a.so";
  const std::string machine = root() + "/b.so";
  const Scenario scenario{
      .libraries =
          {library({.path = big, .needed = {"libsk-x.so"}, .runpath = "$ORIGIN/big:$ORIGIN/good"}),
           library({.path = root() + "/big/libsk-x.so",
                    .format = {.byte_order = elf::ByteOrder::kBig}}),
           library({.path = root() + "/good/libsk-x.so"}),
           library({.path = machine,
                    .needed = {"libsk-x.so"},
                    .runpath = "$ORIGIN/arm:$ORIGIN/32:$ORIGIN/good"}),
           library({.path = root() + "/arm/libsk-x.so", .machine = 183}),
           library({.path = root() + "/32/libsk-x.so", .format = {.elf_class = elf::Class::k32}})},
      .dlopens = {{big, {}}, {machine, {}}}};
  expect_transcript(scenario, "dlopen " + big +
                                  ": ok; loaded: 0 2\n"
                                  "dlopen " +
                                  machine +
                                  ": ok; loaded: 0 2 3\n"
                                  "0 reaches: 0 2\n2 reaches: 2\n3 reaches: 2 3\n");
}

TEST_F(LoaderAgreement, AnEmptyRunpathSwitchesOffTheRpathOfTheWholeChain) {
  const std::string top = root() + "/top.so";
  const Scenario scenario{
      .libraries = {library({.path = top, .needed = {"libsk-mid.so"}, .rpath = "$ORIGIN"}),
                    library({.path = root() + "/libsk-mid.so",
                             .needed = {"libsk-leaf.so"},
                             .rpath = "$ORIGIN",
                             .runpath = ""}),
                    library({.path = root() + "/libsk-leaf.so"})},
      .dlopens = {{top, {}}}};
  expect_transcript(scenario, "dlopen " + top + ": failed; loaded:\n");
}

TEST_F(LoaderAgreement, LibrariesThatNeedEachOtherLoadFromEitherEnd) {
  const std::string left = root() + "/libsk-left.so";
  const std::string right = root() + "/libsk-right.so";
  const Scenario scenario{
      .libraries =
          {library(
               {.path = left, .needed = {"libsk-right.so", "libsk-left.so"}, .runpath = "$ORIGIN"}),
           library({.path = right, .needed = {"libsk-left.so"}, .runpath = "${ORIGIN}/."})},
      .dlopens = {{right, {}}, {left, {}}}};
  expect_transcript(scenario, "dlopen " + right +
                                  ": ok; loaded: 1 0\n"
                                  "dlopen " +
                                  left +
                                  ": ok; loaded: 1 0\n"
                                  "0 reaches: 0 1\n1 reaches: 0 1\n");
}

TEST_F(LoaderAgreement, NoDefaultFoldersIsForTheLibraryThatAsksForIt) {
  const std::string asks = root() + "/asks.so";
  const std::string other = root() + "/other.so";
  const Scenario scenario{.libraries = {library({.path = asks,
                                                 .needed = {"libc.so.6", "libm.so.6"},
                                                 .no_default_folders = true}),
                                        library({.path = other, .needed = {"libm.so.6"}})},
                          .dlopens = {{asks, {}}, {other, {}}, {asks, {}}}};
  expect_transcript(scenario, "dlopen " + asks + ": failed; loaded:\ndlopen " + other +
                                  ": ok; loaded: 1\ndlopen " + asks +
                                  ": ok; loaded: 1 0\n0 reaches: 0\n1 reaches: 1\n");
}

TEST_F(LoaderAgreement, OriginIsTheFolderOfTheLinkByWhichALibraryWasOpened) {
  const std::string file = root() + "/real/liba.so";
  const std::string link = root() + "/link/liba.so";
  const Scenario scenario{
      .libraries = {library({.path = file, .needed = {"libsk.so"}, .runpath = "$ORIGIN"}),
                    library({.path = root() + "/real/libsk.so"}),
                    library({.path = root() + "/link/libsk.so"}),
                    {.path = link, .link_to = file}},
      .dlopens = {{link, {}}, {file, {}}}};
  expect_transcript(scenario, "dlopen " + link + ": ok; loaded: 3 2\ndlopen " + file +
                                  ": ok; loaded: 3 2\n0 reaches: 0 2\n2 reaches: 2\n");
}

TEST_F(LoaderAgreement, ATokenInADlopenIsExpandedForTheFileAndNotForTheName) {
  const std::string first = root() + "/a/first.so";
  const std::string second = root() + "/b/second.so";
  const Scenario scenario{
      .libraries = {library({.path = first}), library({.path = root() + "/a/libsk.so"}),
                    library({.path = second}), library({.path = root() + "/b/libsk.so"})},
      .dlopens = {{first, {}}, {second, {}}, {"$ORIGIN/libsk.so", 0}, {"$ORIGIN/libsk.so", 2}}};
  expect_transcript(scenario, "dlopen " + first + ": ok; loaded: 0\ndlopen " + second +
                                  ": ok; loaded: 0 2\n"
                                  "dlopen $ORIGIN/libsk.so: ok; loaded: 0 2 1\n"
                                  "dlopen $ORIGIN/libsk.so: ok; loaded: 0 2 1\n"
                                  "0 reaches: 0\n1 reaches: 1\n2 reaches: 2\n");
}

TEST_F(LoaderAgreement, MuslsSearchEndsAtTheFirstFileWhateverItIs) {
  NEEDS_PROGRAMS("musl-gcc");
  const std::string first = root() + "/first.so";
  const std::string second = root() + "/second.so";
  const Scenario scenario{
      .loader = elf::LoaderKind::kMusl,
      .libraries =
          {library(
               {.path = first, .needed = {"libsk-x.so"}, .runpath = "$ORIGIN/arm:$ORIGIN/good"}),
           library({.path = root() + "/arm/libsk-x.so", .machine = 183}),
           library({.path = root() + "/good/libsk-x.so"}),
           library(
               {.path = second, .needed = {"libsk-x.so"}, .runpath = "$ORIGIN/32:$ORIGIN/good"}),
           library({.path = root() + "/32/libsk-x.so", .format = {.elf_class = elf::Class::k32}})},
      .dlopens = {{first, {}}, {second, {}}}};
  expect_transcript(
      scenario, "dlopen " + first + ": failed; loaded:\ndlopen " + second + ": failed; loaded:\n");
}

TEST_F(LoaderAgreement, MuslInheritsRunpathButADlopenInheritsNothing) {
  NEEDS_PROGRAMS("musl-gcc");
  const std::string caller = root() + "/caller.so";
  const Scenario scenario{
      .loader = elf::LoaderKind::kMusl,
      .libraries = {library({.path = caller, .needed = {"libsk-b.so"}, .runpath = "$ORIGIN/lib"}),
                    library({.path = root() + "/lib/libsk-b.so", .needed = {"libsk-c.so"}}),
                    library({.path = root() + "/lib/libsk-c.so"}),
                    library({.path = root() + "/lib/libsk-plugin.so"})},
      .dlopens = {{caller, {}}, {"libsk-plugin.so", 0}, {"libsk-c.so", 0}}};
  expect_transcript(scenario, "dlopen " + caller +
                                  ": ok; loaded: 0 1 2\n"
                                  "dlopen libsk-plugin.so: failed; loaded: 0 1 2\n"
                                  "dlopen libsk-c.so: ok; loaded: 0 1 2\n"
                                  "0 reaches: 0 1 2\n1 reaches: 1 2\n2 reaches: 2\n");
}

TEST_F(LoaderAgreement, ANeedWithoutANameIsTheProgramItselfButNotToMusl) {
  const std::string path = root() + "/a.so";
  Scenario scenario{.libraries = {library({.path = path, .needed = {""}, .runpath = "$ORIGIN"})},
                    .dlopens = {{path, {}}}};
  expect_transcript(scenario, "dlopen " + path + ": ok; loaded: 0\n0 reaches: 0\n");
  NEEDS_PROGRAMS("musl-gcc");
  scenario.loader = elf::LoaderKind::kMusl;
  expect_transcript(scenario, "dlopen " + path + ": failed; loaded:\n");
}

}  // namespace
#endif
