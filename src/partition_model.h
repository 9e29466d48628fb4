#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "src/partition.h"

// A PartitionProblem made ready for searching: only what may move, room instead of limits, nets
// instead of edges. Internal to the planner's core.
namespace spokeshave {

__extension__ using Wide = unsigned __int128;

/// Room or weight per kind: installed, packed. A kind without a limit weighs nothing.
using Amount = std::array<std::uint64_t, 2>;

inline bool fits(const Amount& weight, const Amount& room) {
  return weight[0] <= room[0] && weight[1] <= room[1];
}
inline void take(Amount& room, const Amount& weight) {
  room[0] -= weight[0];
  room[1] -= weight[1];
}
inline void give_back(Amount& room, const Amount& weight) {
  room[0] += weight[0];
  room[1] += weight[1];
}

/// What the limited kinds weigh.
Amount limited_weight(const Weight& weight, const Limit& limit);
Amount whole_room(const Limit& limit);

/// A cost below the number of parts, and the first tie-break, as two wide numbers, so that costs
/// add up and compare quickly: dlopen edges cut above 96 bits of rewrite bytes; moved bytes above
/// 32 bits of moved items. Neither sum can wrap.
struct Key {
  Wide links = 0;
  Wide moved = 0;
  friend auto operator<=>(const Key&, const Key&) = default;
};

/// The key as PartitionCost tells it: every field saturated.
Key saturated(const Key& sum);
/// The lowest key that a sum of at least `sum` can have once saturated: a saturated field hides
/// what follows it.
Key saturated_bound(const Key& sum);
Key key_of(const PartitionProblem& problem, const std::vector<std::size_t>& part);
/// The cost of `parts` parts and a saturated key.
PartitionCost cost_from(std::size_t parts, const Key& key);

/// Items of which at least one causes the cost `weight` as soon as they do not all lie together.
struct Net {
  Wide weight = 0;
  bool in_main = false;            ///< part 0 belongs to it too
  std::vector<std::size_t> items;  ///< movable ones, in the order of the search
};

/// A library that may leave part 0.
struct Movable {
  std::size_t index = 0;  ///< in the problem
  Amount weight{};
  Wide moved = 0;  ///< what Key::moved grows by when it moves
  bool must_move = false;
  bool fits_companion = false;
  std::vector<std::size_t> nets;
};

struct Model {
  std::vector<Movable> items;  ///< heaviest first: the order of the search
  std::vector<Net> nets;
  Amount main_room{};
  Amount companion_room{};
};

/// Throws std::invalid_argument where an edge names an item that does not exist.
void check(const PartitionProblem& problem);

/// None where main_base and the items that must stay exceed the limit.
std::optional<Model> make_model(const PartitionProblem& problem);

/// No assignment has fewer parts than this. Expects that one exists.
std::size_t fewest_parts(const Model& model);

}  // namespace spokeshave
