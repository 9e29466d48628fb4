#include "elf/loader.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/support/real_loader.h"
#include "tests/support/temp_dir.h"

namespace {

using elf::InstalledLibrary;
using elf::Process;
using elf::Resolution;
using elf::Rule;
using support::library;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

using Libraries = std::vector<InstalledLibrary>;

const elf::Environment kBareSystem{.is_system = support::is_system};

std::vector<Rule> rules(const std::vector<Resolution>& resolutions) {
  std::vector<Rule> result;
  result.reserve(resolutions.size());
  for (const auto& resolution : resolutions) result.push_back(resolution.rule);
  return result;
}

/// `PATH: reason`, one for each attempt.
std::vector<std::string> attempts(const Resolution& resolution) {
  std::vector<std::string> result;
  for (const auto& attempt : resolution.attempts) {
    result.push_back(attempt.path + ": " + attempt.why_not);
  }
  return result;
}

/// The only need of the library that is opened.
Resolution only_need(const Libraries& libraries, const std::string& path,
                     const elf::Environment& environment = kBareSystem) {
  const auto resolutions = Process(libraries, environment).open(path);
  EXPECT_EQ(resolutions.size(), 1u);
  return resolutions.at(0);
}

TEST(Loader, ANeedIsFoundByTheFirstRunpathEntryThatHasIt) {
  const Libraries libraries{
      library(
          {.path = "/s/a.so", .needed = {"liba.so"}, .runpath = "$ORIGIN/no:$ORIGIN/x:$ORIGIN/y"}),
      library({.path = "/s/y/liba.so"}), library({.path = "/s/x/liba.so"})};
  const auto met = only_need(libraries, "/s/a.so");
  EXPECT_EQ(met.rule, Rule::kRunpath);
  EXPECT_THAT(met.to, Optional(2u));
  EXPECT_EQ(met.path_owner, 0u);
  EXPECT_EQ(met.path_entry, 1u);
  EXPECT_THAT(attempts(met), ElementsAre("/s/no/liba.so: no such file"));
}

TEST(Loader, ALibraryBesideTheOneThatNeedsItIsNotFoundWithoutAPath) {
  const Libraries libraries{library({.path = "/s/a.so", .needed = {"libb.so"}}),
                            library({.path = "/s/libb.so", .soname = "libb.so"})};
  const auto met = only_need(libraries, "/s/a.so");
  EXPECT_EQ(met.rule, Rule::kMissing);
  EXPECT_EQ(met.to, std::nullopt);
  EXPECT_THAT(attempts(met), ElementsAre("libb.so: the system has no library of this name"));
}

TEST(Loader, RunpathIsNotInherited) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "$ORIGIN/lib"}),
      library({.path = "/s/lib/libb.so", .needed = {"libc-2.so"}}),
      library({.path = "/s/lib/libc-2.so"})};
  const auto resolutions = Process(libraries, kBareSystem).open("/s/a.so");
  EXPECT_THAT(rules(resolutions), ElementsAre(Rule::kRunpath, Rule::kMissing));
  EXPECT_THAT(
      attempts(resolutions[1]),
      ElementsAre("libc-2.so: the system has no library of this name",
                  "/s/lib/libc-2.so: skipped: a RUNPATH serves only the library that has it"));
  EXPECT_EQ(resolutions[1].attempts[1].owner, 0u);
}

TEST(Loader, RpathIsInheritedAlongTheChainOfLoaders) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .rpath = "/nowhere:$ORIGIN/lib"}),
      library({.path = "/s/lib/libb.so", .needed = {"libc-2.so"}, .rpath = "$ORIGIN/own"}),
      library({.path = "/s/lib/libc-2.so"})};
  const auto resolutions = Process(libraries, kBareSystem).open("/s/a.so");
  ASSERT_THAT(rules(resolutions), ElementsAre(Rule::kRpath, Rule::kRpath));
  EXPECT_THAT(resolutions[1].to, Optional(2u));
  EXPECT_EQ(resolutions[1].path_owner, 0u);
  EXPECT_EQ(resolutions[1].path_entry, 1u);
  EXPECT_THAT(attempts(resolutions[1]), ElementsAre("/s/lib/own/libc-2.so: no such file",
                                                    "/nowhere/libc-2.so: no such file"));
}

TEST(Loader, ALibraryWithARunpathUsesNoRpathOfItsChain) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .rpath = "$ORIGIN/lib"}),
      library({.path = "/s/lib/libb.so", .needed = {"libc-2.so"}, .runpath = "/nowhere"}),
      library({.path = "/s/lib/libc-2.so"})};
  const auto resolutions = Process(libraries, kBareSystem).open("/s/a.so");
  ASSERT_THAT(rules(resolutions), ElementsAre(Rule::kRpath, Rule::kMissing));
  EXPECT_THAT(attempts(resolutions[1]),
              ElementsAre("$ORIGIN/lib: skipped: `libb.so` has a RUNPATH, so RPATH is not used",
                          "/nowhere/libc-2.so: no such file",
                          "libc-2.so: the system has no library of this name"));
}

TEST(Loader, InTheChainOnlyLibrariesWithoutRunpathGiveTheirRpath) {
  const Libraries libraries{library({.path = "/s/a.so",
                                     .needed = {"libb.so"},
                                     .rpath = "$ORIGIN/far",
                                     .runpath = "$ORIGIN/lib"}),
                            library({.path = "/s/lib/libb.so", .needed = {"libc-2.so"}}),
                            library({.path = "/s/far/libc-2.so"})};
  const auto resolutions = Process(libraries, kBareSystem).open("/s/a.so");
  ASSERT_THAT(rules(resolutions), ElementsAre(Rule::kRunpath, Rule::kMissing));
  EXPECT_THAT(attempts(resolutions[1]).front(),
              "$ORIGIN/far: skipped: `a.so` has a RUNPATH, so RPATH is not used");
}

TEST(Loader, RpathComesBeforeLdLibraryPathAndRunpathAfterIt) {
  const elf::Environment environment{.ld_library_path = {"/none", "/env"}};
  Libraries libraries{library({.path = "/s/a.so", .needed = {"libb.so"}, .rpath = "$ORIGIN/lib"}),
                      library({.path = "/s/lib/libb.so"}), library({.path = "/env/libb.so"})};
  EXPECT_EQ(only_need(libraries, "/s/a.so", environment).rule, Rule::kRpath);
  libraries[0].runpath.swap(libraries[0].rpath);
  const auto met = only_need(libraries, "/s/a.so", environment);
  EXPECT_EQ(met.rule, Rule::kLdLibraryPath);
  EXPECT_EQ(met.path_entry, 1u);
  EXPECT_THAT(met.to, Optional(2u));
}

TEST(Loader, TheSystemIsAskedLast) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libm.so.6"}, .runpath = "$ORIGIN:$ORIGIN/lib"}),
      library({.path = "/s/b.so", .needed = {"libm.so.6"}, .runpath = "$ORIGIN"}),
      library({.path = "/s/lib/libm.so.6"})};
  EXPECT_EQ(only_need(libraries, "/s/a.so").rule, Rule::kRunpath);
  const auto met = only_need(libraries, "/s/b.so");
  EXPECT_EQ(met.rule, Rule::kSystem);
  EXPECT_EQ(met.to, std::nullopt);
  EXPECT_THAT(attempts(met), ElementsAre("/s/libm.so.6: no such file"));
}

TEST(Loader, ALibraryThatTheSystemBroughtKeepsItsName) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libm.so.6"}}),
      library({.path = "/s/b.so", .needed = {"libm.so.6"}, .runpath = "$ORIGIN"}),
      library({.path = "/s/libm.so.6"})};
  Process process(libraries, kBareSystem);
  process.open("/s/a.so");
  EXPECT_THAT(rules(process.open("/s/b.so")), ElementsAre(Rule::kSystem));
}

TEST(Loader, APreloadedLibraryMeetsNeedsBySoname) {
  const Libraries libraries{library({.path = "/s/a.so", .needed = {"libb.so.1"}}),
                            library({.path = "/other/renamed.so", .soname = "libb.so.1"})};
  Process process(libraries, kBareSystem);
  process.open("/other/renamed.so");
  const auto resolutions = process.open("/s/a.so");
  ASSERT_THAT(rules(resolutions), ElementsAre(Rule::kAlreadyLoaded));
  EXPECT_THAT(resolutions[0].to, Optional(1u));
  EXPECT_THAT(resolutions[0].attempts, IsEmpty());
}

TEST(Loader, APreloadedLibraryDoesNotMeetNeedsByFileName) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libgomp-a34b3233.so.1"}}),
      library({.path = "/other/libgomp-a34b3233.so.1", .soname = "libgomp.so.1"})};
  Process process(libraries, kBareSystem);
  process.open("/other/libgomp-a34b3233.so.1");
  EXPECT_THAT(rules(process.open("/s/a.so")), ElementsAre(Rule::kMissing));
}

TEST(Loader, ALibraryFoundUnderAMangledNameIsKnownByIt) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libg-1234.so"}, .runpath = "$ORIGIN"}),
      library({.path = "/s/libg-1234.so", .soname = "libg.so"}),
      library({.path = "/s/b.so", .needed = {"libg-1234.so", "libg.so"}})};
  Process process(libraries, kBareSystem);
  process.open("/s/a.so");
  EXPECT_THAT(rules(process.open("/s/b.so")),
              ElementsAre(Rule::kAlreadyLoaded, Rule::kAlreadyLoaded));
}

TEST(Loader, TheFirstOfTwoLibrariesWithOneSonameMeetsAllNeeds) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libx.so"}, .runpath = "/s/two"}),
      library({.path = "/s/one/libx.so", .soname = "libx.so"}),
      library({.path = "/s/two/libx.so", .soname = "libx.so"})};
  Process process(libraries, kBareSystem);
  process.open("/s/one/libx.so");
  process.open("/s/two/libx.so");
  EXPECT_THAT(process.open("/s/a.so").at(0).to, Optional(1u));
}

TEST(Loader, DependenciesAreMappedBreadthFirst) {
  // Depth first, libd.so would come from near/ by libb.so's path; breadth first, libc-2.so maps its
  // own before.
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so", "libd.so"}, .runpath = "$ORIGIN"}),
      library({.path = "/s/libb.so", .needed = {"libd.so"}, .runpath = "$ORIGIN/near"}),
      library({.path = "/s/near/libd.so", .soname = "libd.so"}),
      library({.path = "/s/libd.so", .soname = "libd.so"})};
  const auto resolutions = Process(libraries, kBareSystem).open("/s/a.so");
  ASSERT_THAT(rules(resolutions),
              ElementsAre(Rule::kRunpath, Rule::kRunpath, Rule::kAlreadyLoaded));
  EXPECT_THAT(resolutions[2].to, Optional(3u));
}

TEST(Loader, ANameWithASlashIsAPath) {
  const Libraries libraries{
      library({.path = "/s/a.so",
               .needed = {"/s/x/../y/libb.so", "${ORIGIN}/y/libc-2.so", "y/libb.so", "/gone.so"}}),
      library({.path = "/s/y/libb.so"}), library({.path = "/s/y/libc-2.so"})};
  const auto resolutions = Process(libraries, kBareSystem).open("/s/a.so");
  ASSERT_THAT(rules(resolutions),
              ElementsAre(Rule::kPath, Rule::kPath, Rule::kMissing, Rule::kMissing));
  EXPECT_THAT(resolutions[0].to, Optional(1u));
  EXPECT_THAT(resolutions[1].to, Optional(2u));
  EXPECT_EQ(resolutions[1].needed, "${ORIGIN}/y/libc-2.so");
  EXPECT_THAT(attempts(resolutions[2]), ElementsAre("y/libb.so: relative to the current folder"));
  EXPECT_THAT(attempts(resolutions[3]), ElementsAre("/gone.so: no such file"));
}

TEST(Loader, FilesOfAnotherClassOrMachineArePassedOver) {
  constexpr std::uint16_t kAarch64 = 183;
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "/s/arm:/s/32:/s/64"}),
      library({.path = "/s/arm/libb.so", .machine = kAarch64}),
      library({.path = "/s/32/libb.so", .format = {.elf_class = elf::Class::k32}}),
      library({.path = "/s/64/libb.so"})};
  const auto met = only_need(libraries, "/s/a.so");
  EXPECT_THAT(met.to, Optional(3u));
  EXPECT_THAT(attempts(met),
              ElementsAre("/s/arm/libb.so: wrong machine", "/s/32/libb.so: wrong class"));
}

TEST(Loader, AFileOfTheOtherByteOrderIsPassedOver) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "/s/big:/s/little"}),
      library({.path = "/s/big/libb.so", .format = {.byte_order = elf::ByteOrder::kBig}}),
      library({.path = "/s/little/libb.so"})};
  const auto met = only_need(libraries, "/s/a.so");
  EXPECT_THAT(met.to, Optional(2u));
  EXPECT_THAT(attempts(met), ElementsAre("/s/big/libb.so: wrong byte order"));
}

TEST(Loader, EmptyAndRelativeEntriesLeadOutOfTheSet) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = ":s/lib:/s/lib/"}),
      library({.path = "/s/lib/libb.so"})};
  const auto met = only_need(libraries, "/s/a.so");
  EXPECT_EQ(met.path_entry, 2u);
  EXPECT_THAT(attempts(met),
              ElementsAre("libb.so: skipped: an empty entry means the current folder",
                          "s/lib/libb.so: skipped: relative to the current folder"));
}

TEST(Loader, AFolderThatStandsTwiceInAPathCountsWhereItStandsFirst) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "/s/x:/s/y:/s/x"}),
      library({.path = "/s/y/libb.so"}), library({.path = "/s/x/libb.so"})};
  EXPECT_THAT(only_need(libraries, "/s/a.so").to, Optional(2u));
}

TEST(Loader, AnEmptyRunpathStillSwitchesRpathOff) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .rpath = "$ORIGIN", .runpath = ""}),
      library({.path = "/s/libb.so"})};
  const auto met = only_need(libraries, "/s/a.so");
  EXPECT_EQ(met.rule, Rule::kMissing);
  // A path of no letters has no entry at all, not one that means the current folder.
  EXPECT_THAT(attempts(met),
              ElementsAre("$ORIGIN: skipped: `a.so` has a RUNPATH, so RPATH is not used",
                          "libb.so: the system has no library of this name"));
}

TEST(Loader, AFailedOpenLeavesNothingLoadedAndStillTellsAllNeeds) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libgone.so", "libb.so"}, .rpath = "$ORIGIN"}),
      library({.path = "/s/libb.so", .soname = "libb.so", .needed = {"libalso-gone.so"}}),
      library({.path = "/s/c.so", .needed = {"libb.so"}})};
  Process process(libraries, kBareSystem);
  EXPECT_THAT(rules(process.open("/s/a.so")),
              ElementsAre(Rule::kMissing, Rule::kRpath, Rule::kMissing));
  EXPECT_FALSE(process.is_loaded(0));
  EXPECT_FALSE(process.is_loaded(1));
  EXPECT_THAT(rules(process.open("/s/c.so")), ElementsAre(Rule::kMissing));
}

TEST(Loader, WhatWasLoadedBeforeAFailedOpenStays) {
  const Libraries libraries{library({.path = "/s/libb.so", .soname = "libb.so"}),
                            library({.path = "/s/a.so", .needed = {"libb.so", "libgone.so"}}),
                            library({.path = "/s/c.so", .needed = {"libb.so"}})};
  Process process(libraries, kBareSystem);
  process.open("/s/libb.so");
  process.open("/s/a.so");
  EXPECT_TRUE(process.is_loaded(0));
  EXPECT_THAT(rules(process.open("/s/c.so")), ElementsAre(Rule::kAlreadyLoaded));
}

TEST(Loader, ALibraryIsOpenedOnce) {
  const Libraries libraries{library({.path = "/s/a.so", .needed = {"libm.so.6"}})};
  Process process(libraries, kBareSystem);
  EXPECT_EQ(process.open("/s/./x/../a.so").size(), 1u);
  EXPECT_THAT(process.open("/s/a.so"), IsEmpty());
}

TEST(Loader, APathThatIsNotInTheSetIsAnErrorOfTheCaller) {
  const Libraries libraries{library({.path = "/s/a.so"})};
  EXPECT_THROW(Process(libraries, kBareSystem).open("/s/b.so"), std::out_of_range);
  EXPECT_THROW(Process(libraries, kBareSystem).open_by_name(1, "a.so"), std::out_of_range);
}

TEST(Loader, ALibraryMayNeedItselfAndBeNeededByWhatItNeeds) {
  const Libraries libraries{
      library(
          {.path = "/s/a.so", .soname = "a.so", .needed = {"a.so", "libb.so"}, .rpath = "$ORIGIN"}),
      library({.path = "/s/libb.so", .needed = {"a.so", "libb.so"}})};
  EXPECT_THAT(
      rules(Process(libraries, kBareSystem).open("/s/a.so")),
      ElementsAre(Rule::kAlreadyLoaded, Rule::kRpath, Rule::kAlreadyLoaded, Rule::kAlreadyLoaded));
}

TEST(Loader, ANameIsOpenedByThePathsOfTheCallerAndItsChain) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .rpath = "$ORIGIN"}),
      library({.path = "/s/libb.so"}),
      library({.path = "/s/libplugin.so", .needed = {"libb.so", "libhelper.so"}}),
      library({.path = "/s/libhelper.so"})};
  Process process(libraries, kBareSystem);
  process.open("/s/a.so");
  const auto resolutions = process.open_by_name(1, "libplugin.so");
  // A plugin has no loader: the caller's RPATH finds it, but not what it needs.
  ASSERT_THAT(rules(resolutions), ElementsAre(Rule::kRpath, Rule::kAlreadyLoaded, Rule::kMissing));
  EXPECT_EQ(resolutions[0].from, 1u);
  EXPECT_EQ(resolutions[0].needed, "libplugin.so");
  EXPECT_EQ(resolutions[0].path_owner, 0u);
  EXPECT_FALSE(process.is_loaded(2));
}

TEST(Loader, ANameThatNobodyFindsIsOneMissingNeed) {
  const Libraries libraries{library({.path = "/s/a.so", .runpath = "$ORIGIN"})};
  Process process(libraries, kBareSystem);
  process.open("/s/a.so");
  EXPECT_THAT(rules(process.open_by_name(0, "libplugin.so")), ElementsAre(Rule::kMissing));
}

TEST(Loader, LibrariesOfSeveralMachinesInOneSetDoNotMeetEachOthersNeeds) {
  constexpr std::uint16_t kAarch64 = 183;
  const Libraries libraries{
      library({.path = "/s/libb.so", .machine = kAarch64, .soname = "libb.so"}),
      library({.path = "/s/a.so", .needed = {"libb.so"}})};
  Process process(libraries, kBareSystem);
  process.open("/s/libb.so");
  EXPECT_THAT(rules(process.open("/s/a.so")), ElementsAre(Rule::kMissing));
}

TEST(Loader, OwnNeedsAreThoseOfOpenAndLeaveNothingLoaded) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so", "libd.so"}, .rpath = "$ORIGIN"}),
      library({.path = "/s/libb.so", .needed = {"libc-2.so"}}),
      library({.path = "/s/lib/libc-2.so"}), library({.path = "/s/libd.so"})};
  Process process(libraries, kBareSystem);
  EXPECT_THAT(rules(process.own_needs("/s/a.so")), ElementsAre(Rule::kRpath, Rule::kRpath));
  EXPECT_THAT(rules(process.own_needs("/s/libb.so")), ElementsAre(Rule::kMissing));
  for (std::size_t i = 0; i < libraries.size(); ++i) EXPECT_FALSE(process.is_loaded(i));
  EXPECT_THAT(rules(process.open("/s/a.so")),
              ElementsAre(Rule::kRpath, Rule::kRpath, Rule::kMissing))
      << "and not as loaded before";
  process.open("/s/libd.so");
  EXPECT_THAT(process.own_needs("/s/libd.so"), IsEmpty());
  EXPECT_THROW(process.own_needs("/s/no.so"), std::out_of_range);
}

}  // namespace
