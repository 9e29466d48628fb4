#include "src/partition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "tests/src/partition_torch.h"

namespace spokeshave {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

PartitionItem item(std::uint64_t installed, Place place = Place::kFree) {
  return {.weight = {installed, installed / 2}, .place = place, .rewrite_bytes = installed};
}

Limit installed_limit(std::uint64_t bytes) {
  return {.installed = bytes, .packed = {}};
}

TEST(Partition, WithoutItemsThereIsThePartThatIsThereAnyway) {
  PartitionProblem problem;
  problem.main_base = {10, 5};
  const PartitionAnswer answer = partition(problem);
  ASSERT_TRUE(answer.partition);
  EXPECT_TRUE(answer.partition->part.empty());
  EXPECT_EQ(answer.partition->cost.parts, 1u);
}

TEST(Partition, WhatFitsTheMainWheelStaysThere) {
  PartitionProblem problem;
  problem.items = {item(40), item(50)};
  problem.main_base = {10, 5};
  problem.limit = installed_limit(100);
  EXPECT_THAT(partition(problem).partition->part, ElementsAre(0, 0));
}

TEST(Partition, AnItemThatIsMovedOpensACompanionThoughAllWouldFit) {
  PartitionProblem problem;
  problem.items = {item(40), item(50, Place::kMoved)};
  EXPECT_THAT(partition(problem).partition->part, ElementsAre(0, 1));
}

TEST(Partition, OneByteTooManyOpensACompanion) {
  PartitionProblem problem;
  problem.items = {item(40), item(51)};
  problem.main_base = {10, 5};
  problem.limit = installed_limit(100);
  const PartitionAnswer answer = partition(problem);
  EXPECT_THAT(answer.partition->part, ElementsAre(1, 0)) << "40 bytes moved are fewer than 51";
  EXPECT_EQ(answer.partition->cost.moved_bytes, 40u);
}

TEST(Partition, FewerPartsCountMoreThanAnyEdge) {
  PartitionProblem problem;
  problem.items = {item(60), item(60), item(40), item(40)};
  problem.edges = {{0, 1, true}, {2, 3, true}};
  problem.limit = installed_limit(100);
  const PartitionAnswer answer = partition(problem);
  EXPECT_THAT(answer.partition->part, ElementsAre(0, 1, 0, 1));
  EXPECT_EQ(answer.partition->cost.parts, 2u);
  EXPECT_EQ(answer.partition->cost.dlopen_edges_cut, 2u);
}

TEST(Partition, ADlopenEdgeCountsMoreThanBytesToRewrite) {
  PartitionProblem problem;
  problem.items = {item(50, Place::kMain), item(30), item(20)};
  problem.edges = {{0, 1, true}, {0, 2, false}};
  problem.limit = installed_limit(80);
  const PartitionAnswer answer = partition(problem);
  EXPECT_THAT(answer.partition->part, ElementsAre(0, 0, 1));
  EXPECT_EQ(answer.partition->cost.rewrite_bytes, 50u) << "the main wheel's library needs the last";
}

TEST(Partition, ALibraryWithSeveralNeedsElsewhereIsRewrittenOnce) {
  PartitionProblem problem;
  problem.items = {item(50, Place::kMain), item(30, Place::kMoved), item(20, Place::kMoved)};
  problem.items[0].rewritten_when_moved = true;
  problem.items[1].rewritten_when_moved = true;
  problem.edges = {{0, 1, false}, {0, 2, false}, {1, 0, false}};
  EXPECT_EQ(cost_of(problem, {0, 1, 1}).rewrite_bytes, 50u + 30u);
}

TEST(Partition, TheKindThatIsTighterDecides) {
  PartitionProblem problem;
  problem.items = {{.weight = {10, 90}}, {.weight = {90, 10}}, {.weight = {10, 10}}};
  problem.limit = {.installed = 110, .packed = 105};
  EXPECT_THAT(partition(problem).partition->part, ElementsAre(0, 0, 1));
}

TEST(Partition, EqualCostsAreDecidedByFewerMovedItemsThenByTheOrderOfItems) {
  PartitionProblem problem;
  problem.items = {item(20), item(20), item(40), item(40)};
  problem.limit = installed_limit(80);
  EXPECT_THAT(partition(problem).partition->part, ElementsAre(0, 0, 0, 1));
}

TEST(Partition, SizesThatWouldWrapDoNotFit) {
  const std::uint64_t half = std::uint64_t{1} << 63;
  PartitionProblem problem;
  problem.items = {item(half), item(half), item(half)};
  problem.limit = installed_limit(kMax);
  const PartitionAnswer answer = partition(problem);
  EXPECT_THAT(answer.partition->part, ElementsAre(0, 1, 2));
  EXPECT_EQ(answer.partition->cost.moved_bytes, kMax);
}

TEST(Partition, AnItemTooBigForACompanionButNotForTheMainWheelStays) {
  PartitionProblem problem;
  problem.items = {item(100), item(30)};
  problem.companion_base = {20, 0};
  problem.limit = installed_limit(100);
  EXPECT_THAT(partition(problem).partition->part, ElementsAre(0, 1));
}

TEST(PartitionImpossible, NamesTheLibraryThatNoLimitBelowCanHold) {
  PartitionProblem problem;
  problem.items = {item(30), item(739), item(200)};
  problem.main_base = {50, 10};
  problem.companion_base = {5, 2};
  problem.limit = installed_limit(700);
  const PartitionAnswer answer = partition(problem);
  ASSERT_FALSE(answer.partition);
  EXPECT_EQ(answer.impossible->smallest.installed, 744u);
  EXPECT_THAT(answer.impossible->installed_item, Optional(1));
  problem.limit = installed_limit(744);
  EXPECT_TRUE(partition(problem).partition);
}

TEST(PartitionImpossible, NamesNoLibraryWhereWhatMustStayIsTooMuch) {
  PartitionProblem problem;
  problem.items = {item(60, Place::kMain), item(70)};
  problem.main_base = {50, 10};
  problem.limit = installed_limit(100);
  const PartitionAnswer answer = partition(problem);
  ASSERT_FALSE(answer.partition);
  EXPECT_EQ(answer.impossible->smallest.installed, 110u);
  EXPECT_EQ(answer.impossible->installed_item, std::nullopt);
}

TEST(PartitionImpossible, CountsThatTheGreatestLibraryMayStay) {
  PartitionProblem problem;
  problem.items = {item(100), item(30)};
  problem.main_base = {1, 1};
  problem.companion_base = {20, 0};
  problem.limit = installed_limit(100);
  const PartitionAnswer answer = partition(problem);
  ASSERT_FALSE(answer.partition);
  EXPECT_EQ(answer.impossible->smallest.installed, 101u);
  EXPECT_THAT(answer.impossible->installed_item, Optional(0));
}

TEST(PartitionImpossible, TellsTheSmallestLimitsAloneWhereOnlyBothTogetherAreTooTight) {
  PartitionProblem problem;
  problem.items = {{.weight = {10, 1}}, {.weight = {1, 10}}};
  problem.main_base = {2, 2};
  problem.companion_base = {3, 3};
  problem.limit = {.installed = 12, .packed = 12};  // neither fits a companion, nor both the rest
  const PartitionAnswer answer = partition(problem);
  ASSERT_FALSE(answer.partition);
  EXPECT_EQ(answer.impossible->smallest, (Weight{12, 12}));
  problem.limit = {.installed = 12, .packed = {}};
  EXPECT_TRUE(partition(problem).partition);
  problem.limit = {.installed = {}, .packed = 12};
  EXPECT_TRUE(partition(problem).partition);
}

TEST(Partition, WhatDoesNotFitTheProblemIsRefused) {
  PartitionProblem problem;
  problem.items = {item(1), item(2)};
  EXPECT_THROW(cost_of(problem, {0}), std::invalid_argument);
  EXPECT_THROW(cost_of(problem, {0, 2}), std::invalid_argument) << "companion 1 is empty";
  EXPECT_THROW(is_feasible(problem, {0, kMax}), std::invalid_argument);
  problem.edges = {{0, 2, false}};
  EXPECT_THROW(partition(problem), std::invalid_argument);
}

constexpr std::uint64_t kMB = 1'000'000;

TEST(PartitionTorch, ThreeGigabytesTakeOneCompanionAndCutNoDlopen) {
  PartitionProblem problem = torch_problem(true);
  problem.limit = installed_limit(3000 * kMB);
  const PartitionAnswer answer = partition(problem);
  ASSERT_TRUE(answer.partition);
  EXPECT_TRUE(is_feasible(problem, answer.partition->part));
  EXPECT_TRUE(answer.partition->optimal);
  EXPECT_EQ(answer.partition->cost.parts, 2u);
  EXPECT_EQ(answer.partition->cost.dlopen_edges_cut, 0u);
}

TEST(PartitionTorch, TightLimitsAreProvenToo) {
  PartitionProblem problem = torch_problem(false);
  problem.limit = {.installed = 800 * kMB, .packed = 480 * kMB};
  const PartitionAnswer answer = partition(problem);
  ASSERT_TRUE(answer.partition);
  EXPECT_TRUE(is_feasible(problem, answer.partition->part));
  EXPECT_TRUE(answer.partition->optimal);
  EXPECT_EQ(answer.partition->cost.parts, 6u) << "4450 MB in parts of 800 MB";
}

TEST(PartitionTorch, BelowTheGreatestLibraryNothingHelps) {
  PartitionProblem problem = torch_problem(false);
  problem.limit = installed_limit(700 * kMB);
  const PartitionAnswer answer = partition(problem);
  ASSERT_TRUE(answer.impossible);
  EXPECT_EQ(answer.impossible->smallest.installed, 738'943'000u);
  EXPECT_THAT(answer.impossible->installed_item, Optional(torch_library("torch_cuda")));
}

// A twentieth of what partition() takes by itself, so that sanitizers do not take minutes.
constexpr std::uint64_t kFewSteps = kPartitionSteps / 20;

TEST(PartitionLarge, AHundredRandomItemsGetAGoodAnswerWithAnHonestBound) {
  std::mt19937_64 random(3);
  PartitionProblem problem;
  for (int i = 0; i < 100; ++i) problem.items.push_back(item(1000 + random() % 100'000));
  for (int i = 0; i < 200; ++i)
    problem.edges.push_back({random() % 100, random() % 100, random() % 4 == 0});
  problem.limit = installed_limit(600'000);
  const PartitionAnswer answer = partition(problem, kFewSteps);
  ASSERT_TRUE(answer.partition);
  EXPECT_TRUE(is_feasible(problem, answer.partition->part));
  EXPECT_TRUE(answer.partition->cost == cost_of(problem, answer.partition->part));
  EXPECT_FALSE(answer.partition->optimal);
  EXPECT_LT(answer.partition->bound, answer.partition->cost);
  EXPECT_EQ(answer.partition->bound.parts, answer.partition->cost.parts);
  EXPECT_EQ(partition(problem, kFewSteps).partition->part, answer.partition->part);
}

TEST(PartitionLarge, TenThousandItemsGetAnAnswer) {
  PartitionProblem problem;
  for (std::uint64_t i = 0; i < 10'000; ++i) problem.items.push_back(item(500 + i % 501));
  problem.limit = installed_limit(1000);
  const PartitionAnswer answer = partition(problem, kFewSteps);
  ASSERT_TRUE(answer.partition);
  EXPECT_TRUE(is_feasible(problem, answer.partition->part));
  EXPECT_LE(answer.partition->bound.parts, answer.partition->cost.parts);
}

}  // namespace
}  // namespace spokeshave
