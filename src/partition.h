#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

// The planner's core, without wheels or files: which items go into which part. Part 0 is the main
// wheel; 1, 2, ... are companions.
namespace spokeshave {

/// Bytes of the two kinds that a budget may limit.
struct Weight {
  std::uint64_t installed = 0;
  std::uint64_t packed = 0;
  friend bool operator==(const Weight&, const Weight&) = default;
};

/// The most that one part may hold; no value: no limit.
struct Limit {
  std::optional<std::uint64_t> installed;
  std::optional<std::uint64_t> packed;
};

enum class Place {
  kFree,   ///< may stay or move
  kMain,   ///< stays in part 0
  kMoved,  ///< goes to some companion
};

/// A library, with all that it brings along wherever it goes (its RECORD row, its zip headers, what
/// a rewrite may append).
struct PartitionItem {
  Weight weight;
  Place place = Place::kFree;
  std::uint64_t rewrite_bytes = 0;    ///< what it costs to rewrite it
  bool rewritten_when_moved = false;  ///< it must be rewritten as soon as it leaves part 0
};

/// `from` needs `to` (indices of items).
struct PartitionEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  bool by_dlopen = false;  ///< else by DT_NEEDED
};

struct PartitionProblem {
  std::vector<PartitionItem> items;
  std::vector<PartitionEdge> edges;
  Weight main_base;       ///< what part 0 holds whatever moves
  Weight companion_base;  ///< what each companion holds before its first item
  Limit limit;
};

/// What an assignment costs, compared field by field in this order, less is better.
struct PartitionCost {
  std::size_t parts = 0;             ///< part 0 counted, also where nothing moves
  std::size_t dlopen_edges_cut = 0;  ///< dlopen edges whose ends lie in different parts
  std::uint64_t rewrite_bytes = 0;   ///< of the items that have a NEEDED edge to another part, or
                                     ///< moved and are rewritten_when_moved
  std::uint64_t moved_bytes = 0;     ///< installed bytes outside part 0
  friend auto operator<=>(const PartitionCost&, const PartitionCost&) = default;
};

struct Partition {
  std::vector<std::size_t>
      part;  ///< of each item; companions numbered in the order of their first item
  PartitionCost cost;
  bool optimal = true;  ///< proven: no assignment costs less
  PartitionCost bound;  ///< nothing costs less than this; equals cost where optimal
};

/// Why no assignment exists: the limit that it takes at least, and what dictates it. Where the two
/// limits together are the reason, each of them may be no less than its smallest.
struct Impossible {
  Weight smallest;  ///< of a limit that would do, for each kind taken alone
  std::optional<std::size_t> installed_item;  ///< the item that dictates smallest.installed; none:
                                              ///< main_base and what must stay in part 0
  std::optional<std::size_t> packed_item;     ///< the same for smallest.packed
};

struct PartitionAnswer {
  std::optional<Partition> partition;
  std::optional<Impossible> impossible;  ///< set where partition is not
};

/// The cost of an assignment. Pure; throws std::invalid_argument where `part` does not fit the
/// problem.
PartitionCost cost_of(const PartitionProblem& problem, const std::vector<std::size_t>& part);
/// Whether every part is within the limit and every item where its place says.
bool is_feasible(const PartitionProblem& problem, const std::vector<std::size_t>& part);

/// How long partition() may think, in places looked at for an item: about a second of one core.
inline constexpr std::uint64_t kPartitionSteps = 100'000'000;

/// The cheapest feasible assignment. Exact (branch and bound) while `steps` last; beyond that the
/// best one found, with the bound. Deterministic: among equals the one that moves the fewest items,
/// then the lexicographically least `part`, as far as the steps go. Feasible whenever an assignment
/// exists, whatever the steps: every free or moved item alone in a companion is always tried. Pure:
/// no clock, no threads.
PartitionAnswer partition(const PartitionProblem& problem, std::uint64_t steps = kPartitionSteps);

}  // namespace spokeshave
