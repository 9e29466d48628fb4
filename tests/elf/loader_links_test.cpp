#include <gmock/gmock.h>

#include <stdexcept>

#include "elf/loader.h"
#include "tests/support/real_loader.h"

// Several paths that are one file.
namespace {

using elf::InstalledLibrary;
using elf::Process;
using elf::Rule;
using support::library;
using testing::IsEmpty;
using testing::Optional;

using Libraries = std::vector<InstalledLibrary>;

TEST(LoaderLinks, ANeedThatLeadsToALinkIsMetByTheLibraryItself) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so.1"}, .runpath = "$ORIGIN"}),
      {.path = "/s/libb.so.1", .link_to = "/s/libb.so.1.2.3"},
      library({.path = "/s/libb.so.1.2.3"})};
  Process process(libraries, {});
  const auto met = process.open("/s/a.so").at(0);
  EXPECT_EQ(met.rule, Rule::kRunpath);
  EXPECT_THAT(met.to, Optional(2u));
  EXPECT_TRUE(process.is_loaded(1));
  EXPECT_TRUE(process.is_loaded(2));
}

TEST(LoaderLinks, OriginIsTheFolderOfThePathByWhichTheLibraryWasOpened) {
  const Libraries libraries{
      library({.path = "/real/liba.so", .needed = {"libb.so"}, .runpath = "$ORIGIN"}),
      {.path = "/link/liba.so", .link_to = "/real/liba.so"},
      library({.path = "/real/libb.so"}),
      library({.path = "/link/libb.so"})};
  EXPECT_THAT(Process(libraries, {}).open("/real/liba.so").at(0).to, Optional(2u));
  EXPECT_THAT(Process(libraries, {}).open("/link/liba.so").at(0).to, Optional(3u));
}

TEST(LoaderLinks, ADlopenThatFailedLeavesTheOtherPathFreeToCount) {
  const Libraries libraries{
      library({.path = "/real/liba.so", .needed = {"libb.so"}, .rpath = "$ORIGIN"}),
      {.path = "/link/liba.so", .link_to = "/real/liba.so"},
      library({.path = "/real/libb.so"})};
  Process process(libraries, {});
  EXPECT_EQ(process.open("/link/liba.so").at(0).rule, Rule::kMissing);
  EXPECT_EQ(process.open("/real/liba.so").at(0).rule, Rule::kRpath);
}

TEST(LoaderLinks, TheSameFileIsLoadedOnceWhateverItsPath) {
  const Libraries libraries{library({.path = "/s/liba.so", .needed = {"libc.so.6"}}),
                            {.path = "/t/liba.so", .link_to = "/s/liba.so"}};
  Process process(libraries, {.is_system = support::is_system});
  EXPECT_EQ(process.open("/t/liba.so").size(), 1u);
  EXPECT_THAT(process.open("/s/liba.so"), IsEmpty());
}

TEST(LoaderLinks, ALinkThatLeadsNowhereIsNoFile) {
  const Libraries libraries{library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "/s:/t"}),
                            {.path = "/s/libb.so", .link_to = "/elsewhere/libb.so"},
                            library({.path = "/t/libb.so"})};
  Process process(libraries, {});
  const auto met = process.open("/s/a.so").at(0);
  EXPECT_THAT(met.to, Optional(2u));
  EXPECT_EQ(met.attempts.at(0).why_not, "no such file");
  EXPECT_FALSE(process.is_loaded(1));
  EXPECT_THROW(process.open("/s/libb.so"), std::out_of_range);
}

TEST(LoaderLinks, LinksThatLeadToEachOtherLeadNowhere) {
  const Libraries libraries{{.path = "/s/a.so", .link_to = "/s/b.so"},
                            {.path = "/s/b.so", .link_to = "/s/a.so"},
                            {.path = "/s/c.so", .link_to = "/s/c.so"}};
  Process process(libraries, {});
  EXPECT_THROW(process.open("/s/a.so"), std::out_of_range);
  EXPECT_THROW(process.open("/s/c.so"), std::out_of_range);
}

TEST(LoaderLinks, WhatALinkItselfSaysIsNotLookedAt) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "$ORIGIN"}),
      {.path = "/s/libb.so", .machine = 183, .needed = {"libgone.so"}, .link_to = "/s/libreal.so"},
      library({.path = "/s/libreal.so"})};
  const auto resolutions = Process(libraries, {}).open("/s/a.so");
  ASSERT_EQ(resolutions.size(), 1u);
  EXPECT_THAT(resolutions[0].to, Optional(2u));
}

TEST(Loader, NoDefaultFoldersLeavesOnlyWhatIsLoadedAlways) {
  const Libraries libraries{library(
      {.path = "/s/a.so", .needed = {"libc.so.6", "libm.so.6"}, .no_default_folders = true})};
  const auto resolutions = Process(libraries, {.is_system = support::is_system}).open("/s/a.so");
  EXPECT_EQ(resolutions.at(0).rule, Rule::kSystem);
  EXPECT_EQ(resolutions.at(1).rule, Rule::kMissing);
  EXPECT_EQ(resolutions.at(1).attempts.at(0).why_not,
            "skipped: `a.so` asks for no default folders (DF_1_NODEFLIB)");
}

TEST(Loader, LibIsWhatTheClassOrTheDistributionSays) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so"}, .runpath = "/s/$LIB:/s/$PLATFORM"}),
      library({.path = "/s/lib64/libb.so"}), library({.path = "/s/lib/x86_64-linux-gnu/libb.so"}),
      library({.path = "/s/haswell/libb.so"})};
  EXPECT_THAT(Process(libraries, {}).open("/s/a.so").at(0).to, Optional(1u));
  EXPECT_THAT(Process(libraries, {.lib = "lib/x86_64-linux-gnu"}).open("/s/a.so").at(0).to,
              Optional(2u));
  EXPECT_THAT(Process(libraries, {.lib = "none", .platform = "haswell"}).open("/s/a.so").at(0).to,
              Optional(3u));
  const Libraries narrow{
      library({.path = "/s/a.so",
               .format = {.elf_class = elf::Class::k32},
               .needed = {"libb.so"},
               .runpath = "/s/$LIB"}),
      library({.path = "/s/lib/libb.so", .format = {.elf_class = elf::Class::k32}})};
  EXPECT_THAT(Process(narrow, {}).open("/s/a.so").at(0).to, Optional(1u));
}

}  // namespace
