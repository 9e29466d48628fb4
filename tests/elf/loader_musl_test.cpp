#include <gmock/gmock.h>

#include "elf/loader.h"
#include "tests/support/real_loader.h"

// Each claim is one that holds for musl and not for glibc.
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

const elf::Environment kMusl{.loader = elf::LoaderKind::kMusl};

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

TEST(MuslLoader, EveryNameOfAPartOfLibcIsLibc) {
  const Libraries libraries{
      library({.path = "/s/a.so",
               .needed = {"libc.musl-x86_64.so.1", "libpthread.so.0", "libm.so.6", "libmy.so"},
               .rpath = "$ORIGIN"}),
      library({.path = "/s/libm.so.6"}), library({.path = "/s/libmy.so"})};
  EXPECT_THAT(rules(Process(libraries, kMusl).open("/s/a.so")),
              ElementsAre(Rule::kSystem, Rule::kSystem, Rule::kSystem, Rule::kRpath));
}

TEST(MuslLoader, ALibraryOpenedByPathIsKnownByNoName) {
  const Libraries libraries{library({.path = "/s/libb.so", .soname = "libb.so"}),
                            library({.path = "/s/a.so", .needed = {"libb.so"}})};
  Process process(libraries, kMusl);
  process.open("/s/libb.so");
  EXPECT_THAT(rules(process.open("/s/a.so")), ElementsAre(Rule::kMissing));
}

TEST(MuslLoader, ASearchThatLeadsToALoadedLibraryGivesItItsFileName) {
  const Libraries libraries{
      library({.path = "/s/libb.so"}),
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "$ORIGIN"}),
      library({.path = "/s/c.so", .needed = {"libb.so"}})};
  Process process(libraries, kMusl);
  process.open("/s/libb.so");
  EXPECT_THAT(rules(process.open("/s/a.so")), ElementsAre(Rule::kRunpath));
  EXPECT_THAT(rules(process.open("/s/c.so")), ElementsAre(Rule::kAlreadyLoaded));
}

TEST(MuslLoader, ANameGivenToAnOlderLibraryStaysThoughTheDlopenFails) {
  const Libraries libraries{
      library({.path = "/s/libb.so"}),
      library({.path = "/s/a.so", .needed = {"libb.so", "libgone.so"}, .runpath = "$ORIGIN"}),
      library({.path = "/s/c.so", .needed = {"libb.so"}})};
  Process process(libraries, kMusl);
  process.open("/s/libb.so");
  EXPECT_THAT(rules(process.open("/s/a.so")), ElementsAre(Rule::kRunpath, Rule::kMissing));
  EXPECT_FALSE(process.is_loaded(1));
  EXPECT_THAT(rules(process.open("/s/c.so")), ElementsAre(Rule::kAlreadyLoaded));
}

TEST(MuslLoader, ANameCanPassToALibraryThatWasLoadedEarlier) {
  const Libraries libraries{
      library({.path = "/first/libb.so"}),
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "/second"}),
      library({.path = "/second/libb.so"}),
      library({.path = "/s/c.so", .needed = {"libalias.so"}, .runpath = "/second"}),
      {.path = "/second/libalias.so", .link_to = "/first/libb.so"},
      library({.path = "/s/d.so", .needed = {"libb.so"}})};
  Process process(libraries, kMusl);
  process.open("/first/libb.so");
  EXPECT_THAT(process.open("/s/a.so").at(0).to, Optional(2u));
  EXPECT_THAT(process.open("/s/c.so").at(0).to, Optional(0u));
  EXPECT_THAT(process.open("/s/d.so").at(0).to, Optional(0u));
}

TEST(MuslLoader, RunpathIsInherited) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "$ORIGIN/lib"}),
      library({.path = "/s/lib/libb.so", .needed = {"libd.so"}, .rpath = "/none"}),
      library({.path = "/s/lib/libd.so"})};
  const auto resolutions = Process(libraries, kMusl).open("/s/a.so");
  ASSERT_THAT(rules(resolutions), ElementsAre(Rule::kRunpath, Rule::kRunpath));
  EXPECT_EQ(resolutions[1].path_owner, 0u);
  EXPECT_EQ(resolutions[1].path_entry, 0u);
  EXPECT_THAT(attempts(resolutions[1]), ElementsAre("/none/libd.so: no such file"));
}

TEST(MuslLoader, RunpathTakesThePlaceOfTheLibrarysOwnRpathOnly) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .rpath = "/s"}),
      library({.path = "/s/libb.so", .needed = {"libd.so"}, .rpath = "/own", .runpath = "/none"}),
      library({.path = "/s/libd.so"}), library({.path = "/own/libd.so"})};
  const auto resolutions = Process(libraries, kMusl).open("/s/a.so");
  ASSERT_THAT(rules(resolutions), ElementsAre(Rule::kRpath, Rule::kRpath));
  EXPECT_THAT(resolutions[1].to, Optional(2u));
}

TEST(MuslLoader, LdLibraryPathComesBeforeRpath) {
  const Libraries libraries{library({.path = "/s/a.so", .needed = {"libb.so"}, .rpath = "$ORIGIN"}),
                            library({.path = "/s/libb.so"}), library({.path = "/ld/libb.so"})};
  elf::Environment environment = kMusl;
  environment.ld_library_path = {"/empty", "/ld"};
  const auto met = Process(libraries, environment).open("/s/a.so").at(0);
  EXPECT_EQ(met.rule, Rule::kLdLibraryPath);
  EXPECT_THAT(met.to, Optional(2u));
  EXPECT_EQ(met.path_entry, 1u);
}

TEST(MuslLoader, APathWithATokenThatMuslDoesNotKnowIsNotUsed) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "$ORIGIN:/$LIB"}),
      library({.path = "/s/libb.so"})};
  const auto met = Process(libraries, kMusl).open("/s/a.so").at(0);
  EXPECT_EQ(met.rule, Rule::kMissing);
  EXPECT_THAT(
      attempts(met),
      ElementsAre("$ORIGIN:/$LIB: skipped: musl uses no path with a `$` that is not $ORIGIN",
                  "libb.so: the system has no library of this name"));
}

TEST(MuslLoader, ATokenEndsWithItsLastLetter) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "$ORIGINAL\n:"}),
      library({.path = "/sAL/libb.so"})};
  EXPECT_THAT(Process(libraries, kMusl).open("/s/a.so").at(0).to, Optional(1u));
}

TEST(MuslLoader, ANeedWithATokenIsARelativePath) {
  const Libraries libraries{library({.path = "/s/a.so", .needed = {"$ORIGIN/libb.so"}}),
                            library({.path = "/s/libb.so"})};
  const auto met = Process(libraries, kMusl).open("/s/a.so").at(0);
  EXPECT_EQ(met.rule, Rule::kMissing);
  EXPECT_THAT(attempts(met), ElementsAre("$ORIGIN/libb.so: relative to the current folder"));
}

TEST(MuslLoader, ADlopenByNameSearchesNoPathOfItsCaller) {
  const Libraries libraries{library({.path = "/s/a.so", .runpath = "$ORIGIN"}),
                            library({.path = "/s/libplugin.so"})};
  Process process(libraries, kMusl);
  process.open("/s/a.so");
  const auto met = process.open_by_name(0, "libplugin.so").at(0);
  EXPECT_EQ(met.rule, Rule::kMissing);
  EXPECT_THAT(
      attempts(met),
      ElementsAre("$ORIGIN: skipped: musl's dlopen searches no path of the library that calls it",
                  "libplugin.so: the system has no library of this name"));
}

TEST(MuslLoader, TheSearchEndsAtAFileOfAnotherMachine) {
  constexpr std::uint16_t kAarch64 = 183;
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "/arm:/good"}),
      library({.path = "/arm/libb.so", .machine = kAarch64}), library({.path = "/good/libb.so"})};
  const auto met = Process(libraries, kMusl).open("/s/a.so").at(0);
  EXPECT_EQ(met.rule, Rule::kMissing);
  EXPECT_EQ(met.to, std::nullopt);
  EXPECT_THAT(
      attempts(met),
      ElementsAre("/arm/libb.so: wrong machine: the search ends at the first file of this name"));
}

TEST(MuslLoader, AnEmptyEntryIsPassedOver) {
  const Libraries libraries{library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = ":/s"}),
                            library({.path = "/s/libb.so"})};
  const auto met = Process(libraries, kMusl).open("/s/a.so").at(0);
  EXPECT_EQ(met.path_entry, 1u);
  EXPECT_THAT(attempts(met), ElementsAre("libb.so: skipped: an empty entry"));
}

TEST(MuslLoader, AnEmptyRunpathLeavesTheChainInForce) {
  const Libraries libraries{library({.path = "/s/a.so", .needed = {"libb.so"}, .rpath = "$ORIGIN"}),
                            library({.path = "/s/libb.so", .needed = {"libd.so"}, .runpath = ""}),
                            library({.path = "/s/libd.so"})};
  EXPECT_THAT(rules(Process(libraries, kMusl).open("/s/a.so")),
              ElementsAre(Rule::kRpath, Rule::kRpath));
}

TEST(MuslLoader, ALibraryIsOpenedOnce) {
  const Libraries libraries{library({.path = "/s/a.so", .needed = {"libc.so"}})};
  Process process(libraries, kMusl);
  EXPECT_THAT(rules(process.open("/s/a.so")), ElementsAre(Rule::kSystem));
  EXPECT_THAT(process.open("/s/a.so"), IsEmpty());
}

}  // namespace
