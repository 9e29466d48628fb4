#include "src/partition_greedy.h"

#include <algorithm>
#include <random>
#include <utility>

namespace spokeshave {
namespace {

enum class Preference { kFirst, kFullest, kEmptiest };

/// Puts one item after the other, heaviest first, where it fits, and opens a companion where it
/// fits nowhere else.
class Packer {
 public:
  explicit Packer(const Model& model)
      : model_(model), placement_(model.items.size(), kUnassigned), room_{model.main_room} {}

  bool keep_what_cannot_move() {
    for (std::size_t i = 0; i < model_.items.size(); ++i) {
      const Movable& item = model_.items[i];
      if (item.fits_companion) continue;
      if (item.must_move || !fits(item.weight, room_[0])) return false;
      put(i, 0);
    }
    return true;
  }

  Placement pack_rest(Preference preference) {
    for (std::size_t i = 0; i < model_.items.size(); ++i)
      if (placement_[i] == kUnassigned) put(i, choose(model_.items[i], preference));
    return std::move(placement_);
  }

 private:
  void put(std::size_t item, std::size_t part) {
    if (part == room_.size()) room_.push_back(model_.companion_room);
    take(room_[part], model_.items[item].weight);
    placement_[item] = part;
  }

  /// The fuller kind decides how full a part is.
  static std::uint64_t left(const Amount& room) { return std::min(room[0], room[1]); }

  std::size_t choose(const Movable& item, Preference preference) const {
    std::size_t chosen = room_.size();
    for (std::size_t part = item.must_move ? 1 : 0; part < room_.size(); ++part) {
      if (!fits(item.weight, room_[part])) continue;
      if (chosen == room_.size() ||
          (preference == Preference::kFullest && left(room_[part]) < left(room_[chosen])) ||
          (preference == Preference::kEmptiest && left(room_[part]) > left(room_[chosen])))
        chosen = part;
    }
    return chosen;
  }

  const Model& model_;
  Placement placement_;
  std::vector<Amount> room_;
};

/// Picks the items to place anew.
class Chooser {
 public:
  explicit Chooser(const Model& model) : model_(model) {}

  /// Mixes what hangs together, what lies in the same two parts, and anything.
  std::vector<bool> choose(const Placement& placement) {
    std::vector<bool> chosen(placement.size());
    const std::size_t wanted = std::min<std::size_t>(placement.size(), 6 + random(9));
    const std::size_t parts = parts_of(placement);
    const std::size_t a = random(parts);
    const std::size_t b = random(parts);
    const std::size_t mode = random(3);
    std::size_t count = 0;
    std::size_t last = random(placement.size());
    for (std::size_t tries = 0; count < wanted && tries < 8 * wanted; ++tries) {
      const std::size_t item = mode == 0 ? neighbour(last) : random(placement.size());
      if (mode == 1 && placement[item] != a && placement[item] != b) continue;
      if (!chosen[item]) ++count;
      chosen[item] = true;
      last = item;
    }
    return chosen;
  }

 private:
  std::size_t random(std::size_t below) { return static_cast<std::size_t>(random_() % below); }

  std::size_t neighbour(std::size_t item) {
    const Movable& one = model_.items[item];
    if (one.nets.empty() || random(8) == 0) return random(model_.items.size());
    const Net& net = model_.nets[one.nets[random(one.nets.size())]];
    return net.items[random(net.items.size())];
  }

  const Model& model_;
  std::mt19937_64 random_{1};  // the same sequence each time, and with every standard library
};

/// Fixes all items but the chosen ones, part by part: empty parts lose their number.
std::size_t fix_others(const Placement& placement, const std::vector<bool>& chosen,
                       PartitionSearch* search) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < placement.size(); ++i)
    if (!chosen[i]) order.push_back(i);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return placement[i]; });
  std::size_t last = 0;
  std::size_t number = 0;
  for (const std::size_t i : order) {
    if (placement[i] != last) ++number;
    last = placement[i];
    search->fix(i, number);
  }
  return order.size();
}

}  // namespace

std::size_t parts_of(const Placement& placement) {
  return placement.empty() ? 1 : 1 + std::ranges::max(placement);
}

std::optional<Placement> place_greedily(const Model& model) {
  std::optional<Placement> best;
  Packer kept(model);
  if (!kept.keep_what_cannot_move()) return best;
  for (const Preference preference :
       {Preference::kFirst, Preference::kFullest, Preference::kEmptiest}) {
    Placement placement = Packer(kept).pack_rest(preference);
    if (!best || parts_of(placement) < parts_of(*best)) best = std::move(placement);
  }
  return best;
}

void improve(const Model& model, std::uint64_t* work, Placement* placement, Key* key) {
  constexpr std::uint64_t kWorkPerRound = 30'000;
  if (placement->empty()) return;
  PartitionSearch search(model, parts_of(*placement));
  Chooser chooser(model);
  // Fixing and unfixing an item costs about as much as looking at ten places for one.
  std::uint64_t round_cost = 10 * placement->size();
  for (const Net& net : model.nets) round_cost += 2 * net.items.size();
  while (*work > round_cost) {
    *work -= round_cost;
    const std::size_t fixed = fix_others(*placement, chooser.choose(*placement), &search);
    std::uint64_t round = std::min(*work, kWorkPerRound);
    *work -= round;
    SearchResult result = search.run(*key, &round);
    *work += round;
    for (std::size_t i = 0; i < fixed; ++i) search.unfix();
    if (!result.best) continue;
    *placement = std::move(*result.best);
    *key = result.best_key;
    if (parts_of(*placement) < search.parts()) return;
  }
}

}  // namespace spokeshave
