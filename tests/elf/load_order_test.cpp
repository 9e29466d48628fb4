#include "elf/load_order.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "tests/support/random_seed.h"

namespace {

using elf::load_order;
using elf::NeedGraph;
using elf::strongly_connected_groups;
using testing::ElementsAre;
using testing::IsEmpty;

using Groups = std::vector<std::vector<std::size_t>>;

TEST(LoadOrder, ALibraryStandsBehindAllThatItNeeds) {
  EXPECT_THAT(load_order({{1, 2}, {3}, {3}, {}}), ElementsAre(3, 1, 2, 0));
}

TEST(LoadOrder, WithoutNeedsTheNumberingDecides) {
  EXPECT_THAT(load_order({{}, {}, {}}), ElementsAre(0, 1, 2));
  EXPECT_THAT(load_order({}), IsEmpty());
}

TEST(LoadOrder, ANeedThatBecomesFreeIsTakenBeforeHigherNumbers) {
  // 0 waits for 2; as soon as 2 is placed, 0 goes before 3.
  EXPECT_THAT(load_order({{2}, {}, {}, {}}), ElementsAre(1, 2, 0, 3));
}

TEST(StronglyConnectedGroups, ACircleIsOneGroupBehindWhatItNeedsAndBeforeWhatNeedsIt) {
  EXPECT_THAT(strongly_connected_groups({{1}, {4, 2}, {1, 3}, {}, {2}}),
              ElementsAre(ElementsAre(3), ElementsAre(1, 2, 4), ElementsAre(0)));
}

TEST(StronglyConnectedGroups, NeedingItselfIsNoCircle) {
  EXPECT_THAT(strongly_connected_groups({{0}, {1, 0}}),
              ElementsAre(ElementsAre(0), ElementsAre(1)));
}

TEST(StronglyConnectedGroups, ANeedThatStandsTwiceCountsOnce) {
  EXPECT_THAT(strongly_connected_groups({{1, 1}, {}}), ElementsAre(ElementsAre(1), ElementsAre(0)));
}

TEST(StronglyConnectedGroups, AChainAndACircleOfAHundredThousandDoNotGrowTheStack) {
  constexpr std::size_t kNodes = 100'000;
  NeedGraph needs(kNodes);
  for (std::size_t i = 0; i + 1 < kNodes; ++i) needs[i] = {i + 1};
  EXPECT_EQ(strongly_connected_groups(needs).front(), std::vector<std::size_t>{kNodes - 1});
  needs.back() = {0};
  EXPECT_EQ(strongly_connected_groups(needs).size(), 1u);
}

TEST(StronglyConnectedGroups, ANodeThatDoesNotExistIsRefused) {
  EXPECT_THROW(strongly_connected_groups({{1}}), std::out_of_range);
}

// The definition, taken at its word: who reaches whom, then always the first group that can stand
// next.
std::vector<std::vector<bool>> reachability(const NeedGraph& needs) {
  std::vector<std::vector<bool>> reaches(needs.size(), std::vector<bool>(needs.size(), false));
  for (std::size_t i = 0; i < needs.size(); ++i) {
    reaches[i][i] = true;
    for (const std::size_t need : needs[i]) reaches[i][need] = true;
  }
  for (std::size_t via = 0; via < needs.size(); ++via) {
    for (std::size_t i = 0; i < needs.size(); ++i) {
      for (std::size_t j = 0; j < needs.size(); ++j) {
        if (reaches[i][via] && reaches[via][j]) reaches[i][j] = true;
      }
    }
  }
  return reaches;
}

Groups groups_by_definition(const NeedGraph& needs) {
  const auto reaches = reachability(needs);
  std::vector<bool> placed(needs.size(), false);
  const auto can_stand_next = [&](std::size_t node) {
    for (std::size_t other = 0; other < needs.size(); ++other) {
      if (reaches[node][other] && !reaches[other][node] && !placed[other]) return false;
    }
    return !placed[node];
  };
  Groups groups;
  for (std::size_t node = 0; node < needs.size();) {
    if (!can_stand_next(node)) {
      ++node;
      continue;
    }
    groups.emplace_back();
    for (std::size_t other = 0; other < needs.size(); ++other) {
      if (!reaches[node][other] || !reaches[other][node]) continue;
      groups.back().push_back(other);
      placed[other] = true;
    }
    node = 0;
  }
  return groups;
}

NeedGraph random_graph(std::mt19937_64& random) {
  NeedGraph needs(random() % 9);
  const std::uint64_t density = 1 + random() % 12;
  for (auto& node : needs) {
    for (std::size_t other = 0; other < needs.size(); ++other) {
      if (random() % 16 < density) node.push_back(other);
    }
    std::shuffle(node.begin(), node.end(), random);
  }
  return needs;
}

TEST(StronglyConnectedGroups, AreThoseOfTheDefinitionOnRandomGraphs) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 5000 && !HasFailure(); ++i) {
    const NeedGraph needs = random_graph(random);
    SCOPED_TRACE(testing::PrintToString(needs));
    EXPECT_EQ(strongly_connected_groups(needs), groups_by_definition(needs));
  }
}

}  // namespace
