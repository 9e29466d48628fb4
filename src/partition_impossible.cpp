#include "src/partition_impossible.h"

#include <algorithm>

#include "src/saturating.h"

namespace spokeshave {
namespace {

struct Smallest {
  std::uint64_t limit = 0;
  std::optional<std::size_t> item;
};

/// Under a limit that is too small for an item alone in a companion, the item stays in part 0. So
/// an assignment keeps the heaviest free items, and tries every number of them.
Smallest smallest_limit(const PartitionProblem& problem, std::uint64_t Weight::*kind) {
  std::uint64_t in_main = problem.main_base.*kind;
  Smallest moved;
  std::vector<std::size_t> free;
  const auto alone = [&](std::size_t i) {
    return saturating_sum(problem.companion_base.*kind, problem.items[i].weight.*kind);
  };
  for (std::size_t i = 0; i < problem.items.size(); ++i) {
    const PartitionItem& item = problem.items[i];
    if (item.place == Place::kMain) in_main = saturating_sum(in_main, item.weight.*kind);
    if (item.place == Place::kFree) free.push_back(i);
    if (item.place == Place::kMoved && (!moved.item || alone(i) > moved.limit))
      moved = {alone(i), i};
  }
  std::ranges::stable_sort(free, [&](std::size_t a, std::size_t b) {
    return problem.items[a].weight.*kind > problem.items[b].weight.*kind;
  });

  const std::uint64_t stays = in_main;
  Smallest best;
  std::optional<std::size_t> last_kept;
  for (std::size_t kept = 0; kept <= free.size(); ++kept) {
    Smallest here{in_main, last_kept};
    if (moved.item && moved.limit > here.limit) here = moved;
    if (kept < free.size() && alone(free[kept]) > here.limit)
      here = {alone(free[kept]), free[kept]};
    if (kept == 0 || here.limit < best.limit) best = here;
    if (kept == free.size()) break;
    last_kept = free[kept];
    in_main = saturating_sum(in_main, problem.items[free[kept]].weight.*kind);
  }
  if (best.limit == stays) best.item.reset();
  return best;
}

}  // namespace

Impossible smallest_limits(const PartitionProblem& problem) {
  const Smallest installed = smallest_limit(problem, &Weight::installed);
  const Smallest packed = smallest_limit(problem, &Weight::packed);
  return {.smallest = {.installed = installed.limit, .packed = packed.limit},
          .installed_item = installed.item,
          .packed_item = packed.item};
}

}  // namespace spokeshave
