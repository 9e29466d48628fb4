#include "src/partition_model.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace spokeshave {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
constexpr unsigned kDlopenShift = 96;
constexpr unsigned kMovedShift = 32;
constexpr Wide kRewriteMask = (Wide{1} << kDlopenShift) - 1;
constexpr Wide kMovedItemsMask = (Wide{1} << kMovedShift) - 1;
// Bounds the time that fewest_parts() takes: it weighs every item for each threshold.
constexpr std::size_t kMostThresholds = 1000;
constexpr std::size_t kStays = std::numeric_limits<std::size_t>::max();

/// How much of the room an item fills, at its fuller kind, in 2^-63.
std::uint64_t share(const Amount& weight, const Amount& room) {
  std::uint64_t most = 0;
  for (std::size_t kind = 0; kind < 2; ++kind) {
    const Wide scaled = (Wide{weight[kind]} << 63) / (Wide{room[kind]} + 1);
    most = std::max(most, static_cast<std::uint64_t>(std::min(scaled, Wide{kMax})));
  }
  return most;
}

std::vector<Movable> movable_items(const PartitionProblem& problem, const Amount& companion_room,
                                   bool companions) {
  std::vector<Movable> movable;
  for (std::size_t i = 0; i < problem.items.size(); ++i) {
    const PartitionItem& item = problem.items[i];
    if (item.place == Place::kMain) continue;
    Movable one;
    one.index = i;
    one.weight = limited_weight(item.weight, problem.limit);
    one.moved = (Wide{item.weight.installed} << kMovedShift) + 1;
    one.must_move = item.place == Place::kMoved;
    one.fits_companion = companions && fits(one.weight, companion_room);
    movable.push_back(std::move(one));
  }
  std::ranges::stable_sort(movable, [&](const Movable& a, const Movable& b) {
    return share(a.weight, companion_room) > share(b.weight, companion_room);
  });
  return movable;
}

/// Collects nets of problem items, joining those that bind the same items.
class NetCollector {
 public:
  explicit NetCollector(std::vector<std::size_t> position) : position_(std::move(position)) {}

  void add(Wide weight, bool in_main, const std::vector<std::size_t>& items) {
    std::vector<std::size_t> bound;
    for (const std::size_t item : items) {
      if (position_[item] == kStays)
        in_main = true;
      else
        bound.push_back(position_[item]);
    }
    std::ranges::sort(bound);
    bound.erase(std::ranges::unique(bound).begin(), bound.end());
    if (weight == 0 || bound.size() + (in_main ? 1 : 0) < 2) return;
    weights_[{in_main, std::move(bound)}] += weight;
  }

  std::vector<Net> nets() const {
    std::vector<Net> nets;
    for (const auto& [bound, weight] : weights_)
      nets.push_back({weight, bound.first, bound.second});
    return nets;
  }

 private:
  std::vector<std::size_t> position_;
  std::map<std::pair<bool, std::vector<std::size_t>>, Wide> weights_;
};

/// An item is rewritten when a library that it needs lies elsewhere, so it and its needs are one
/// net; one that is rewritten when it leaves part 0 has part 0 in its net as well.
std::vector<Net> collect_nets(const PartitionProblem& problem, const std::vector<Movable>& items) {
  std::vector<std::size_t> position(problem.items.size(), kStays);
  for (std::size_t i = 0; i < items.size(); ++i) position[items[i].index] = i;
  NetCollector collector(std::move(position));
  std::vector<std::vector<std::size_t>> needs(problem.items.size());
  for (const PartitionEdge& edge : problem.edges) {
    if (edge.by_dlopen)
      collector.add(Wide{1} << kDlopenShift, false, {edge.from, edge.to});
    else
      needs[edge.from].push_back(edge.to);
  }
  for (std::size_t i = 0; i < needs.size(); ++i) {
    needs[i].push_back(i);
    const PartitionItem& item = problem.items[i];
    collector.add(item.rewrite_bytes, item.rewritten_when_moved, needs[i]);
  }
  return collector.nets();
}

Wide quotient_up(Wide value, Wide by) {
  return value / by + (value % by != 0 ? 1 : 0);
}

/// Parts needed by volume alone.
std::size_t parts_by_volume(const Model& model, std::size_t kind) {
  Wide volume = 0;
  for (const Movable& item : model.items) volume += item.weight[kind];
  const Wide main_room = model.main_room[kind];
  if (volume <= main_room || model.companion_room[kind] == 0) return 1;
  return 1 + static_cast<std::size_t>(quotient_up(volume - main_room, model.companion_room[kind]));
}

/// Martello and Toth's bound L2 for bin packing: beside an item heavier than room - t nothing of
/// weight t or more fits, so it counts as a whole bin, and what weighs less than t counts nothing.
std::size_t parts_by_big_items(const Model& model, std::size_t kind, std::uint64_t threshold) {
  const std::uint64_t room = std::max(model.main_room[kind], model.companion_room[kind]);
  std::size_t whole = 0;
  Wide volume = 0;
  for (const Movable& item : model.items) {
    const std::uint64_t weight = item.weight[kind];
    if (weight > room - threshold)
      ++whole;
    else if (weight >= threshold)
      volume += weight;
  }
  return whole + static_cast<std::size_t>(room == 0 ? Wide{0} : quotient_up(volume, room));
}

}  // namespace

Amount limited_weight(const Weight& weight, const Limit& limit) {
  return {limit.installed ? weight.installed : 0, limit.packed ? weight.packed : 0};
}

Amount whole_room(const Limit& limit) {
  return {limit.installed.value_or(kMax), limit.packed.value_or(kMax)};
}

Key saturated(const Key& sum) {
  const Wide rewrite = std::min(sum.links & kRewriteMask, Wide{kMax});
  const Wide moved = std::min(sum.moved >> kMovedShift, Wide{kMax});
  return {(sum.links & ~kRewriteMask) | rewrite,
          (moved << kMovedShift) | (sum.moved & kMovedItemsMask)};
}

Key saturated_bound(const Key& sum) {
  Key bound = saturated(sum);
  if ((bound.links & kRewriteMask) == kMax) bound.moved = 0;
  if ((bound.moved >> kMovedShift) == kMax) bound.moved &= ~kMovedItemsMask;
  return bound;
}

Key key_of(const PartitionProblem& problem, const std::vector<std::size_t>& part) {
  const PartitionCost cost = cost_of(problem, part);
  const auto moved_items = part.size() - std::ranges::count(part, std::size_t{0});
  return {(Wide{cost.dlopen_edges_cut} << kDlopenShift) | cost.rewrite_bytes,
          (Wide{cost.moved_bytes} << kMovedShift) | moved_items};
}

PartitionCost cost_from(std::size_t parts, const Key& key) {
  return {.parts = parts,
          .dlopen_edges_cut = static_cast<std::size_t>(key.links >> kDlopenShift),
          .rewrite_bytes = static_cast<std::uint64_t>(key.links & kRewriteMask),
          .moved_bytes = static_cast<std::uint64_t>(key.moved >> kMovedShift)};
}

std::optional<Model> make_model(const PartitionProblem& problem) {
  Model model;
  model.main_room = whole_room(problem.limit);
  const Amount main_base = limited_weight(problem.main_base, problem.limit);
  if (!fits(main_base, model.main_room)) return std::nullopt;
  take(model.main_room, main_base);
  for (const PartitionItem& item : problem.items) {
    if (item.place != Place::kMain) continue;
    const Amount weight = limited_weight(item.weight, problem.limit);
    if (!fits(weight, model.main_room)) return std::nullopt;
    take(model.main_room, weight);
  }
  model.companion_room = whole_room(problem.limit);
  const Amount companion_base = limited_weight(problem.companion_base, problem.limit);
  const bool companions = fits(companion_base, model.companion_room);
  if (companions)
    take(model.companion_room, companion_base);
  else
    model.companion_room = {0, 0};
  model.items = movable_items(problem, model.companion_room, companions);
  model.nets = collect_nets(problem, model.items);
  for (std::size_t net = 0; net < model.nets.size(); ++net)
    for (const std::size_t item : model.nets[net].items) model.items[item].nets.push_back(net);
  return model;
}

std::size_t fewest_parts(const Model& model) {
  const bool must_move = std::ranges::any_of(model.items, &Movable::must_move);
  std::size_t fewest = must_move ? 2 : 1;
  for (std::size_t kind = 0; kind < 2; ++kind) {
    fewest = std::max(fewest, parts_by_volume(model, kind));
    const std::uint64_t room = std::max(model.main_room[kind], model.companion_room[kind]);
    const std::size_t thresholds = std::min(model.items.size(), kMostThresholds);
    for (std::size_t i = 0; i < thresholds; ++i) {
      const std::uint64_t threshold = model.items[i].weight[kind];
      if (threshold <= room / 2)
        fewest = std::max(fewest, parts_by_big_items(model, kind, threshold));
    }
  }
  return fewest;
}

}  // namespace spokeshave
