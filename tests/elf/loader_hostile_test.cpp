#include <gmock/gmock.h>

#include <ctime>
#include <string>
#include <vector>

#include "elf/loader.h"
#include "tests/support/real_loader.h"

// Names, counts and paths come from files that may lie about anything: time and memory stay
// bounded.
namespace {

using elf::InstalledLibrary;
using elf::Process;
using elf::Rule;
using support::library;
using testing::IsEmpty;

using Libraries = std::vector<InstalledLibrary>;

class HostileLoader : public testing::Test {
 protected:
  /// CPU time of this process, and generous, for sanitizers: what it guards against takes minutes.
  void TearDown() override { EXPECT_LT((std::clock() - start_) / CLOCKS_PER_SEC, 20); }

 private:
  std::clock_t start_ = std::clock();
};

TEST_F(HostileLoader, AHundredThousandNeedsWithALongPathTakeBoundedTimeAndMemory) {
  InstalledLibrary root = library({.path = "/s/a.so", .runpath = ""});
  for (int i = 0; i < 15000; ++i) *root.runpath += "/d" + std::to_string(i % 1000) + ":";
  for (int i = 0; i < 100'000; ++i) root.needed.push_back("l" + std::to_string(i));
  const auto resolutions = Process({root}, {}).open("/s/a.so");
  EXPECT_EQ(resolutions.size(), 100'000u);
  EXPECT_EQ(resolutions.front().attempts.size(), 129u);
  EXPECT_EQ(resolutions.front().attempts.back().why_not, "and more, not listed");
  EXPECT_THAT(resolutions.back().attempts, IsEmpty());
}

TEST_F(HostileLoader, OneNeedManyTimesIsSearchedForOnce) {
  Libraries libraries{library({.path = "/s/a.so", .runpath = ""})};
  for (int i = 0; i < 10000; ++i) {
    const std::string folder = "/d" + std::to_string(i);
    libraries.push_back(library({.path = folder + "/libb.so", .machine = 183}));
    *libraries[0].runpath += folder + ":";
  }
  libraries[0].needed.assign(200'000, "libb.so");
  const auto resolutions = Process(libraries, {}).open("/s/a.so");
  EXPECT_EQ(resolutions.size(), 200'000u);
  EXPECT_EQ(resolutions.back().rule, Rule::kMissing);
}

TEST_F(HostileLoader, AChainOfTwentyThousandLibrariesIsWalkedNeitherByRecursionNorAgainAndAgain) {
  Libraries libraries;
  for (int i = 0; i < 20000; ++i) {
    libraries.push_back(library({.path = "/s/lib" + std::to_string(i) + ".so",
                                 .needed = {"lib" + std::to_string(i + 1) + ".so"},
                                 .rpath = i == 0 ? "/s" : "/t"}));
  }
  libraries.back().needed.clear();
  libraries.push_back(library({.path = "/t/libother.so"}));
  const auto resolutions = Process(libraries, {}).open("/s/lib0.so");
  ASSERT_EQ(resolutions.size(), 19999u);
  EXPECT_EQ(resolutions.back().rule, Rule::kRpath);
  EXPECT_EQ(resolutions.back().path_owner, 0u);
}

TEST_F(HostileLoader, AChainThatInheritsRunpathsIsWalkedNoMoreOftenByMuslsRules) {
  Libraries libraries;
  for (int i = 0; i < 20000; ++i) {
    libraries.push_back(library({.path = "/s/lib" + std::to_string(i) + ".so",
                                 .needed = {"lib" + std::to_string(i + 1) + ".so"},
                                 .runpath = i == 0 ? "/s" : "/t"}));
  }
  libraries.back().needed = {"libgone.so"};
  libraries.push_back(library({.path = "/t/libother.so"}));
  const auto resolutions =
      Process(libraries, {.loader = elf::LoaderKind::kMusl}).open("/s/lib0.so");
  ASSERT_EQ(resolutions.size(), 20000u);
  EXPECT_EQ(resolutions[19998].rule, Rule::kRunpath);
  EXPECT_EQ(resolutions[19998].path_owner, 0u);
  EXPECT_EQ(resolutions[19999].rule, Rule::kMissing);
  EXPECT_THAT(resolutions[19999].attempts, IsEmpty());
}

TEST_F(HostileLoader, AHundredThousandLinksToOneFileAreOneLibrary) {
  Libraries libraries{library({.path = "/s/liba.so"})};
  InstalledLibrary root = library({.path = "/s/root.so", .runpath = "/s"});
  for (int i = 0; i < 100'000; ++i) {
    const std::string name = "lib" + std::to_string(i) + ".so";
    libraries.push_back({.path = "/s/" + name, .link_to = "/s/liba.so"});
    root.needed.push_back(name);
  }
  libraries.push_back(root);
  for (const auto& met : Process(libraries, {}).open("/s/root.so")) ASSERT_EQ(met.to, 0u);
}

}  // namespace
