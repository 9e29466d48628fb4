// The planner's core against brute force: every set partition of small random graphs.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "src/partition.h"
#include "tests/support/random_seed.h"

namespace spokeshave {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
using Parts = std::vector<std::size_t>;

// Exact sums in floating point would not do, so wide ones; told apart from the code under test by
// adding everything up first and cutting it to 64 bits last.
__extension__ using Exact = unsigned __int128;
std::uint64_t cut(Exact sum) {
  return sum > kMax ? kMax : static_cast<std::uint64_t>(sum);
}

PartitionCost plain_cost(const PartitionProblem& problem, const Parts& part) {
  Exact rewrite = 0;
  Exact moved = 0;
  PartitionCost cost;
  cost.parts = std::set<std::size_t>(part.begin(), part.end()).size();
  if (std::ranges::count(part, std::size_t{0}) == 0) ++cost.parts;
  for (std::size_t i = 0; i < part.size(); ++i) {
    bool rewritten = part[i] != 0 && problem.items[i].rewritten_when_moved;
    for (const PartitionEdge& edge : problem.edges) {
      const bool crosses = edge.from == i && part[edge.to] != part[i];
      if (crosses && edge.by_dlopen) ++cost.dlopen_edges_cut;
      if (crosses && !edge.by_dlopen) rewritten = true;
    }
    if (rewritten) rewrite += problem.items[i].rewrite_bytes;
    if (part[i] != 0) moved += problem.items[i].weight.installed;
  }
  cost.rewrite_bytes = cut(rewrite);
  cost.moved_bytes = cut(moved);
  return cost;
}

bool plain_feasible(const PartitionProblem& problem, const Parts& part) {
  const std::size_t last = part.empty() ? 0 : std::ranges::max(part);
  for (std::size_t p = 0; p <= last; ++p) {
    const Weight& base = p == 0 ? problem.main_base : problem.companion_base;
    Exact installed = base.installed;
    Exact packed = base.packed;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] != p) continue;
      installed += problem.items[i].weight.installed;
      packed += problem.items[i].weight.packed;
      if (p == 0 ? problem.items[i].place == Place::kMoved : problem.items[i].place == Place::kMain)
        return false;
    }
    if (problem.limit.installed && installed > *problem.limit.installed) return false;
    if (problem.limit.packed && packed > *problem.limit.packed) return false;
  }
  return true;
}

/// Calls `visit` with every assignment whose companions are numbered in the order of first items.
void for_each_assignment(std::size_t items, const std::function<void(const Parts&)>& visit) {
  Parts part;
  const std::function<void(std::size_t)> extend = [&](std::size_t used) {
    if (part.size() == items) return visit(part);
    for (std::size_t p = 0; p <= used + 1; ++p) {
      part.push_back(p);
      extend(std::max(used, p));
      part.pop_back();
    }
  };
  extend(0);
}

std::optional<Parts> brute_force(const PartitionProblem& problem) {
  using Order = std::tuple<PartitionCost, std::size_t, Parts>;
  std::optional<Order> best;
  for_each_assignment(problem.items.size(), [&](const Parts& part) {
    if (!plain_feasible(problem, part)) return;
    const std::size_t moved = part.size() - std::ranges::count(part, std::size_t{0});
    Order order{plain_cost(problem, part), moved, part};
    if (!best || order < *best) best = std::move(order);
  });
  if (!best) return std::nullopt;
  return std::get<Parts>(*best);
}

/// The lowest limit that has an assignment. The greatest part of some assignment is that limit, so
/// it is the least over all assignments of their greatest part.
std::uint64_t brute_force_limit(const PartitionProblem& problem, std::uint64_t Weight::*kind) {
  PartitionProblem unlimited = problem;
  unlimited.limit = {};
  std::uint64_t smallest = kMax;
  for_each_assignment(problem.items.size(), [&](const Parts& part) {
    if (!plain_feasible(unlimited, part)) return;
    std::vector<Exact> sums(1 + (part.empty() ? 0 : std::ranges::max(part)),
                            problem.companion_base.*kind);
    sums[0] = problem.main_base.*kind;
    for (std::size_t i = 0; i < part.size(); ++i) sums[part[i]] += problem.items[i].weight.*kind;
    smallest = std::min(smallest, cut(std::ranges::max(sums)));
  });
  return smallest;
}

std::string shown(const PartitionProblem& problem) {
  std::ostringstream out;
  const auto weight = [&](const Weight& w) { out << w.installed << '/' << w.packed; };
  out << "main base ";
  weight(problem.main_base);
  out << ", companion base ";
  weight(problem.companion_base);
  out << ", limit ";
  problem.limit.installed ? out << *problem.limit.installed : out << "none";
  problem.limit.packed ? out << '/' << *problem.limit.packed : out << "/none";
  for (const PartitionItem& item : problem.items) {
    out << "\n  ";
    weight(item.weight);
    out << " place " << static_cast<int>(item.place) << " rewrite " << item.rewrite_bytes
        << (item.rewritten_when_moved ? " when moved" : "");
  }
  for (const PartitionEdge& edge : problem.edges)
    out << "\n  " << edge.from << (edge.by_dlopen ? " dlopens " : " needs ") << edge.to;
  return out.str();
}

class RandomProblem {
 public:
  explicit RandomProblem(std::uint64_t seed) : random_(seed) {}

  PartitionProblem make() {
    // Every so often sizes that make sums wrap where they are not watched.
    scale_ = below(8) == 0 ? std::uint64_t{1} << 62 : 1;
    PartitionProblem problem;
    problem.items.resize(below(8));
    const std::uint64_t range = 1 + below(6);
    for (PartitionItem& item : problem.items) item = make_item(range);
    const std::size_t edges = problem.items.empty() ? 0 : below(2 * problem.items.size() + 1);
    for (std::size_t i = 0; i < edges; ++i)
      problem.edges.push_back(
          {below(problem.items.size()), below(problem.items.size()), below(3) == 0});
    problem.main_base = {size(3), size(3)};
    problem.companion_base = {size(2), size(2)};
    if (below(4) != 0) problem.limit.installed = size(range * 5);
    if (below(3) != 0) problem.limit.packed = size(range * 5);
    return problem;
  }

 private:
  PartitionItem make_item(std::uint64_t range) {
    PartitionItem item;
    item.weight = {size(range), size(range)};
    const std::size_t place = below(8);
    item.place = place == 0 ? Place::kMain : place == 1 ? Place::kMoved : Place::kFree;
    item.rewrite_bytes = size(4);
    item.rewritten_when_moved = below(3) == 0;
    return item;
  }

  std::size_t below(std::uint64_t bound) { return static_cast<std::size_t>(random_() % bound); }

  /// Up to `most`, in units that are sometimes huge.
  std::uint64_t size(std::uint64_t most) {
    const std::uint64_t units = below(most + 1);
    return units > kMax / scale_ ? kMax : units * scale_;
  }

  std::mt19937_64 random_;
  std::uint64_t scale_ = 1;
};

/// What must hold of the item that is said to dictate a limit.
void expect_dictates(const PartitionProblem& problem, std::uint64_t Weight::*kind,
                     std::uint64_t limit, std::optional<std::size_t> item) {
  Exact stays = problem.main_base.*kind;
  for (const PartitionItem& one : problem.items)
    if (one.place == Place::kMain) stays += one.weight.*kind;
  if (!item) {
    EXPECT_EQ(cut(stays), limit) << "no item dictates the limit, nor does what stays";
    return;
  }
  ASSERT_LT(*item, problem.items.size());
  EXPECT_LT(cut(stays), limit) << "what stays dictates the limit alone";
  const std::uint64_t alone =
      cut(Exact{problem.companion_base.*kind} + problem.items[*item].weight.*kind);
  // Under any lower limit it fits no companion.
  EXPECT_GE(alone, limit);
  EXPECT_NE(problem.items[*item].place, Place::kMain);
  if (problem.items[*item].place == Place::kMoved) {
    EXPECT_EQ(alone, limit);
  }
}

void expect_like_brute_force(const PartitionProblem& problem) {
  const PartitionAnswer answer = partition(problem);
  const std::optional<Parts> expected = brute_force(problem);
  ASSERT_EQ(answer.partition.has_value(), expected.has_value());
  ASSERT_NE(answer.partition.has_value(), answer.impossible.has_value());
  if (expected) {
    EXPECT_EQ(answer.partition->part, *expected);
    const PartitionCost cost = plain_cost(problem, *expected);
    EXPECT_TRUE(answer.partition->cost == cost);
    EXPECT_TRUE(answer.partition->optimal);
    EXPECT_TRUE(answer.partition->bound == cost);
    return;
  }
  const Weight smallest = answer.impossible->smallest;
  EXPECT_EQ(smallest.installed, brute_force_limit(problem, &Weight::installed));
  EXPECT_EQ(smallest.packed, brute_force_limit(problem, &Weight::packed));
  expect_dictates(problem, &Weight::installed, smallest.installed,
                  answer.impossible->installed_item);
  expect_dictates(problem, &Weight::packed, smallest.packed, answer.impossible->packed_item);
}

TEST(PartitionProperty, TheAnswerIsThatOfBruteForceInCostAndTieBreak) {
  const unsigned first = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(first));
  RandomProblem random(first);
  for (int i = 0; i < 3000 && !HasFailure(); ++i) {
    const PartitionProblem problem = random.make();
    SCOPED_TRACE("problem " + std::to_string(i) + ": " + shown(problem));
    expect_like_brute_force(problem);
  }
}

TEST(PartitionProperty, WithTooFewStepsTheAnswerIsFeasibleAndItsBoundHolds) {
  const unsigned first = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(first));
  RandomProblem random(first);
  int unproven = 0;
  for (int i = 0; i < 1000 && !HasFailure(); ++i) {
    const PartitionProblem problem = random.make();
    const std::uint64_t steps = static_cast<std::uint64_t>(i) % 200;
    SCOPED_TRACE("steps " + std::to_string(steps) + ", problem: " + shown(problem));
    const PartitionAnswer answer = partition(problem, steps);
    const std::optional<Parts> expected = brute_force(problem);
    ASSERT_EQ(answer.partition.has_value(), expected.has_value());
    if (!expected) continue;
    const PartitionCost least = plain_cost(problem, *expected);
    EXPECT_TRUE(plain_feasible(problem, answer.partition->part));
    EXPECT_TRUE(answer.partition->cost == plain_cost(problem, answer.partition->part));
    EXPECT_LE(answer.partition->bound, least);
    EXPECT_EQ(answer.partition->optimal, answer.partition->bound == answer.partition->cost);
    if (!answer.partition->optimal) ++unproven;
  }
  EXPECT_GT(unproven, 0) << "no search was cut short";
}

TEST(PartitionProperty, CostAndFeasibilityAreThoseOfAnIndependentComputation) {
  const unsigned first = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(first));
  RandomProblem random(first);
  for (int i = 0; i < 200 && !HasFailure(); ++i) {
    const PartitionProblem problem = random.make();
    if (problem.items.size() > 6) continue;
    SCOPED_TRACE("problem " + std::to_string(i) + ": " + shown(problem));
    for_each_assignment(problem.items.size(), [&](const Parts& part) {
      EXPECT_TRUE(cost_of(problem, part) == plain_cost(problem, part));
      EXPECT_EQ(is_feasible(problem, part), plain_feasible(problem, part));
    });
  }
}

}  // namespace
}  // namespace spokeshave
