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
using testing::ElementsAre;
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
  EXPECT_EQ(resolutions.front().attempts.size(), 128u);
  EXPECT_EQ(resolutions.front().omitted_attempts,
            15002u - 128u);  // the empty entry and the system too
  EXPECT_THAT(resolutions.back().attempts, IsEmpty());
  EXPECT_EQ(resolutions.back().omitted_attempts, 15002u);
}

TEST_F(HostileLoader, LongPathsTakeNoMoreMemoryThanShortOnes) {
  InstalledLibrary root = library({.path = "/s/a.so", .runpath = ""});
  for (int i = 0; i < 64; ++i) *root.runpath += "/" + std::string(4000, 'd') + ":";
  for (int i = 0; i < 10'000; ++i) root.needed.push_back("l" + std::to_string(i));
  std::size_t bytes = 0;
  for (const auto& resolution : Process({root}, {}).open("/s/a.so")) {
    for (const auto& attempt : resolution.attempts) bytes += attempt.path.size();
    EXPECT_EQ(resolution.attempts.size() + resolution.omitted_attempts, 66u);
  }
  EXPECT_GT(bytes, 8u << 20);
  EXPECT_LE(bytes, 16u << 20);
}

TEST_F(HostileLoader, AttemptsAreWrittenDownOnlyWhereTheyAreAskedFor) {
  const Libraries libraries{
      library({.path = "/s/a.so", .needed = {"libb.so", "libgone.so"}, .runpath = "/t:/s"}),
      library({.path = "/s/libb.so"})};
  const auto attempts = [&](elf::Noted noted) {
    std::vector<std::size_t> counts;
    for (const auto& met : Process(libraries, {.noted = noted}).open("/s/a.so")) {
      counts.push_back(met.attempts.size());
      EXPECT_EQ(met.omitted_attempts, 0u);
    }
    return counts;
  };
  EXPECT_THAT(attempts(elf::Noted::kAll), ElementsAre(1u, 3u));
  EXPECT_THAT(attempts(elf::Noted::kOfMissing), ElementsAre(0u, 3u));
  EXPECT_THAT(attempts(elf::Noted::kNone), ElementsAre(0u, 0u));
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
