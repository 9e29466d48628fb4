#include "src/loading_check.h"

#include <gmock/gmock.h>

#include "elf/format.h"

namespace spokeshave {
namespace {

using elf::InstalledLibrary;
using testing::IsEmpty;
using testing::SizeIs;

using Set = std::vector<InstalledLibrary>;

InstalledLibrary library(const std::string& path, const std::string& soname,
                         std::vector<std::string> needed = {},
                         std::optional<std::string> runpath = {}) {
  return {.path = path,
          .machine = elf::EM_X86_64,
          .soname = soname,
          .needed = std::move(needed),
          .runpath = std::move(runpath)};
}

const Set kTogether = {library("/s/p/a.so", "a.so", {"b.so", "libc.so.6"}, "$ORIGIN"),
                       library("/s/p/b.so", "b.so")};

TEST(LoadingLosses, NothingIsLostWhereNothingChanges) {
  EXPECT_THAT(loading_losses(kTogether, kTogether, {}), IsEmpty());
}

TEST(LoadingLosses, ANeedThatIsNotFoundAnyMoreIsALossWithThePlacesLookedAt) {
  const Set apart = {kTogether[0], library("/s/q/b.so", "b.so")};
  const auto losses = loading_losses(kTogether, apart, {});
  ASSERT_THAT(losses, SizeIs(1));
  EXPECT_EQ(losses[0].from, 0u);
  EXPECT_EQ(losses[0].needed, "b.so");
  EXPECT_EQ(losses[0].before, 1u);
  ASSERT_FALSE(losses[0].attempts.empty());
  EXPECT_EQ(losses[0].attempts[0].path, "/s/p/b.so");
}

TEST(LoadingLosses, ALibraryThatIsPreloadedIsFoundByItsSoname) {
  const Set apart = {kTogether[0], library("/s/q/b.so", "b.so")};
  EXPECT_THAT(loading_losses(kTogether, apart, {1}), IsEmpty());
  const Set renamed = {kTogether[0], library("/s/q/b.so", "b.so.1")};
  EXPECT_THAT(loading_losses(kTogether, renamed, {1}), SizeIs(1));
}

TEST(LoadingLosses, ANeedThatAnotherFileMeetsIsALoss) {
  const Set before = {library("/s/p/a.so", "a.so", {"k.so"}, "$ORIGIN:$ORIGIN/x"),
                      library("/s/p/k.so", "k.so"), library("/s/p/x/k.so", "k.so")};
  Set after = before;
  after[0].runpath = "$ORIGIN/x:$ORIGIN";
  const auto losses = loading_losses(before, after, {});
  ASSERT_THAT(losses, SizeIs(1));
  EXPECT_EQ(losses[0].before, 1u);
}

TEST(LoadingLosses, TellWhatTheLoaderAnswersNow) {
  const Set apart = {kTogether[0], library("/s/q/b.so", "b.so")};
  EXPECT_EQ(loading_losses(kTogether, apart, {}).at(0).rule, elf::Rule::kMissing);
  Set after = {kTogether[0], library("/gone", "")};
  after[1].soname.reset();
  EXPECT_EQ(loading_losses(kTogether, after, {}, {}, std::vector<std::size_t>{0}).at(0).rule,
            elf::Rule::kSystem)
      << "nobody in the set has the name: another wheel or the system is to bring it";
  after[0].needed = {"libc.so.6"};
  EXPECT_EQ(loading_losses(kTogether, after, {}, {}, std::vector<std::size_t>{0}).at(0).rule,
            std::nullopt)
      << "nobody asks any more";
}

TEST(LoadingLosses, WhatWasNotFoundBeforeNeedNotBeFoundAfter) {
  const Set before = {library("/s/p/a.so", "a.so", {"b.so"}), library("/s/p/b.so", "b.so")};
  EXPECT_THAT(loading_losses(before, before, {}), IsEmpty());
}

TEST(LoadingLosses, WhatWasFoundOutsideMustNotBeFoundInside) {
  const Set before = {library("/s/p/a.so", "a.so", {"libx.so.1"}, "$ORIGIN"),
                      library("/s/p/b.so", "b.so")};
  const Set after = {before[0], library("/s/p/b.so", "libx.so.1")};
  EXPECT_THAT(loading_losses(before, after, {1}), SizeIs(1));
}

TEST(LoadingLosses, EachNeedIsToldOnceAscendingByLibrary) {
  const Set before = {library("/s/p/a.so", "a.so", {"z.so", "y.so"}, "$ORIGIN"),
                      library("/s/p/b.so", "b.so", {"a.so", "z.so"}, "$ORIGIN"),
                      library("/s/p/y.so", "y.so"), library("/s/p/z.so", "z.so")};
  Set after = before;
  after[2].path = "/s/q/y.so";
  after[3].path = "/s/q/z.so";
  const auto losses = loading_losses(before, after, {});
  std::vector<std::pair<std::size_t, std::string>> told;
  for (const auto& loss : losses) told.emplace_back(loss.from, loss.needed);
  EXPECT_THAT(told, testing::ElementsAre(testing::Pair(0, "y.so"), testing::Pair(0, "z.so"),
                                         testing::Pair(1, "z.so")));
}

}  // namespace
}  // namespace spokeshave
