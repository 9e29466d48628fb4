#include <stdexcept>
#include <string>

#include "src/partition.h"
#include "src/partition_model.h"
#include "src/saturating.h"

namespace spokeshave {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(std::string("partition: ") + what);
}

/// The number of parts. Throws where `part` does not fit the problem.
std::size_t count_parts(const PartitionProblem& problem, const std::vector<std::size_t>& part) {
  check(problem);
  require(part.size() == problem.items.size(), "there is not one part per item");
  std::vector<bool> used(part.size() + 1);
  used[0] = true;
  std::size_t parts = 1;
  for (const std::size_t p : part) {
    require(p < used.size(), "a part's number is greater than the number of items");
    if (p >= parts) parts = p + 1;
    used[p] = true;
  }
  for (std::size_t p = 0; p < parts; ++p) require(used[p], "a companion is empty");
  return parts;
}

/// What a part has left; false where it cannot hold the weight.
bool take_weight(const PartitionProblem& problem, const Weight& weight, Amount* room) {
  const Amount limited = limited_weight(weight, problem.limit);
  if (!fits(limited, *room)) return false;
  take(*room, limited);
  return true;
}

}  // namespace

void check(const PartitionProblem& problem) {
  for (const PartitionEdge& edge : problem.edges)
    require(edge.from < problem.items.size() && edge.to < problem.items.size(),
            "an edge names an item that does not exist");
}

PartitionCost cost_of(const PartitionProblem& problem, const std::vector<std::size_t>& part) {
  PartitionCost cost{.parts = count_parts(problem, part)};
  std::vector<bool> rewritten(part.size());
  for (const PartitionEdge& edge : problem.edges) {
    if (part[edge.from] == part[edge.to]) continue;
    if (edge.by_dlopen)
      ++cost.dlopen_edges_cut;
    else
      rewritten[edge.from] = true;
  }
  for (std::size_t i = 0; i < part.size(); ++i) {
    const PartitionItem& item = problem.items[i];
    const bool moved = part[i] != 0;
    if (rewritten[i] || (moved && item.rewritten_when_moved))
      cost.rewrite_bytes = saturating_sum(cost.rewrite_bytes, item.rewrite_bytes);
    if (moved) cost.moved_bytes = saturating_sum(cost.moved_bytes, item.weight.installed);
  }
  return cost;
}

bool is_feasible(const PartitionProblem& problem, const std::vector<std::size_t>& part) {
  std::vector<Amount> room(count_parts(problem, part), whole_room(problem.limit));
  for (std::size_t p = 0; p < room.size(); ++p)
    if (!take_weight(problem, p == 0 ? problem.main_base : problem.companion_base, &room[p]))
      return false;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const PartitionItem& item = problem.items[i];
    if (item.place == Place::kMain && part[i] != 0) return false;
    if (item.place == Place::kMoved && part[i] == 0) return false;
    if (!take_weight(problem, item.weight, &room[part[i]])) return false;
  }
  return true;
}

}  // namespace spokeshave
