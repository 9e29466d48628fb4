#include "src/partition.h"

#include <algorithm>
#include <utility>

#include "src/partition_greedy.h"
#include "src/partition_impossible.h"
#include "src/partition_model.h"
#include "src/partition_search.h"

namespace spokeshave {
namespace {

// Beyond these the searches would take too much stack, or time that their steps do not count, and
// too much memory: the greedy placement stands.
constexpr std::size_t kMostItems = 5000;
constexpr std::size_t kMostCells = 1'000'000;  // items times parts

constexpr Key kNoCeiling{~Wide{0}, ~Wide{0}};

/// The parts by the problem's items, companions numbered in the order of their first item.
std::vector<std::size_t> parts_by_item(const PartitionProblem& problem, const Model& model,
                                       const Placement& placement) {
  std::vector<std::size_t> part(problem.items.size(), 0);
  for (std::size_t i = 0; i < placement.size(); ++i) part[model.items[i].index] = placement[i];
  std::vector<std::size_t> number(part.size() + 1, 0);
  std::size_t numbers = 0;
  for (std::size_t& p : part) {
    if (p != 0 && number[p] == 0) number[p] = ++numbers;
    p = number[p];
  }
  return part;
}

/// Fewest parts first, then the least cost with so many, then the tie-breaks.
class Solver {
 public:
  Solver(const PartitionProblem& problem, const Model& model, Placement first, std::uint64_t steps)
      : problem_(problem),
        model_(model),
        work_(steps),
        best_(std::move(first)),
        key_(key_of(problem_, parts_by_item(problem_, model_, best_))),
        proven_parts_(fewest_parts(model_)) {}

  Partition solve() {
    std::uint64_t for_equals = share_of_work(8);
    reduce_parts();
    std::size_t parts = 0;
    do {
      parts = parts_of(best_);
      if (searchable(parts)) reduce_cost();
    } while (parts_of(best_) < parts);
    for_equals += work_;
    Partition partition;
    partition.part = parts_by_item(problem_, model_, best_);
    if (searchable(parts)) choose_among_equals(&for_equals, &partition.part);
    partition.cost = cost_of(problem_, partition.part);
    partition.bound = cost_from(proven_parts_, bound_);
    partition.optimal = partition.bound == partition.cost;
    return partition;
  }

 private:
  bool searchable(std::size_t parts) const {
    return model_.items.size() <= std::min(kMostItems, kMostCells / parts);
  }

  std::uint64_t share_of_work(std::uint64_t divisor) {
    const std::uint64_t share = work_ / divisor;
    work_ -= share;
    return share;
  }

  void adopt(SearchResult* result) {
    if (!result->best) return;
    best_ = std::move(*result->best);
    key_ = result->best_key;
  }

  /// Tries every number of parts between what is proven and what is found.
  void reduce_parts() {
    const std::size_t least = proven_parts_;
    for (std::size_t parts = least; parts < parts_of(best_) && searchable(parts); ++parts) {
      std::uint64_t work = share_of_work(5);
      SearchResult result = PartitionSearch(model_, parts).run(kNoCeiling, &work, true);
      work_ += work;
      adopt(&result);
      if (result.best) return;
      if (proven_parts_ != parts) continue;
      if (result.complete)
        ++proven_parts_;
      else
        bound_ = result.bound;
    }
  }

  /// Searches all placements; where the tree is too big for a short search, betters the best one
  /// roughly before a long search, and with what work that leaves.
  void reduce_cost() {
    const std::size_t parts = parts_of(best_);
    for (const std::uint64_t share : {16, 2}) {
      std::uint64_t work = share_of_work(share);
      SearchResult result = PartitionSearch(model_, parts).run(key_, &work);
      work_ += work;
      adopt(&result);
      if (proven_parts_ == parts) bound_ = result.bound;
      if (result.complete || parts_of(best_) < parts) return;
      work = share == 16 ? share_of_work(16) : std::exchange(work_, 0);
      improve(model_, &work, &best_, &key_);
      work_ += work;
      if (parts_of(best_) < parts) return;
    }
  }

  /// Item by item, the lowest part with which the same cost can still be had; or a lower one, where
  /// the search was cut short and this one comes across it.
  void choose_among_equals(std::uint64_t* work, std::vector<std::size_t>* part) const {
    std::vector<std::size_t> position(part->size(), kUnassigned);
    for (std::size_t i = 0; i < model_.items.size(); ++i) position[model_.items[i].index] = i;
    Key ceiling{key_.links, key_.moved + 1};
    PartitionSearch search(model_, parts_of(best_));
    for (std::size_t i = 0; i < part->size(); ++i) {
      if (position[i] == kUnassigned) continue;
      for (std::size_t lower = 0; lower < (*part)[i]; ++lower) {
        if (*work == 0) return;
        if (!search.fix(position[i], lower)) continue;
        const SearchResult result = search.run(ceiling, work, true);
        search.unfix();
        if (!result.best) continue;
        *part = parts_by_item(problem_, model_, *result.best);
        ceiling = {result.best_key.links, result.best_key.moved + 1};
        break;
      }
      search.fix(position[i], (*part)[i]);
    }
  }

  const PartitionProblem& problem_;
  const Model& model_;
  std::uint64_t work_;
  Placement best_;
  Key key_;  ///< of best_
  std::size_t proven_parts_;
  Key bound_;  ///< no placement into proven_parts_ parts costs less
};

}  // namespace

PartitionAnswer partition(const PartitionProblem& problem, std::uint64_t steps) {
  check(problem);
  const std::optional<Model> model = make_model(problem);
  std::optional<Placement> first;
  if (model) first = place_greedily(*model);
  if (!first) return {.partition = std::nullopt, .impossible = smallest_limits(problem)};
  return {.partition = Solver(problem, *model, std::move(*first), steps).solve(),
          .impossible = std::nullopt};
}

}  // namespace spokeshave
