#include "src/partition_search.h"

#include <algorithm>
#include <array>
#include <utility>

namespace spokeshave {
namespace {

constexpr std::size_t kCut = kUnassigned - 1;

Key operator+(const Key& a, const Key& b) {
  return {a.links + b.links, a.moved + b.moved};
}
Key operator-(const Key& a, const Key& b) {
  return {a.links - b.links, a.moved - b.moved};
}

bool are_twins(const Movable& a, const Movable& b) {
  return a.nets.empty() && b.nets.empty() && a.weight == b.weight && a.moved == b.moved &&
         a.must_move == b.must_move;
}

void add(std::array<Wide, 2>& sum, const Amount& weight) {
  sum[0] += weight[0];
  sum[1] += weight[1];
}

}  // namespace

PartitionSearch::PartitionSearch(const Model& model, std::size_t parts)
    : model_(model),
      parts_(parts),
      part_(model.items.size(), kUnassigned),
      room_(parts, model.companion_room),
      takers_(parts),
      net_state_(model.nets.size()),
      owned_(model.items.size(), 0),
      matched_(model.items.size() * parts, 0) {
  room_[0] = model.main_room;
  for (std::size_t i = 0; i < model.nets.size(); ++i) {
    const Net& net = model.nets[i];
    net_state_[i].owner = net.items.back();
    if (!net.in_main) continue;
    net_state_[i].part = 0;
    owned_[net.items.back()] += net.weight;
    matched(net.items.back(), 0) += net.weight;
  }
}

Wide& PartitionSearch::matched(std::size_t item, std::size_t part) {
  return matched_[item * parts_ + part];
}
const Wide& PartitionSearch::matched(std::size_t item, std::size_t part) const {
  return matched_[item * parts_ + part];
}

/// All parts in use, and one more companion: the empty ones are alike.
std::size_t PartitionSearch::columns() const {
  return std::min(used_ + 1, parts_);
}

bool PartitionSearch::allowed(std::size_t item, std::size_t part) const {
  const Movable& one = model_.items[item];
  if (part == 0 ? one.must_move : !one.fits_companion) return false;
  return fits(one.weight, room_[part]);
}

Key PartitionSearch::cost_at(std::size_t item, std::size_t part) const {
  return {owned_[item] - matched(item, part), part == 0 ? 0 : model_.items[item].moved};
}

bool PartitionSearch::fix(std::size_t item, std::size_t part) {
  if (part >= columns() || !allowed(item, part)) return false;
  assign(item, part);
  ++fixed_;
  return true;
}

void PartitionSearch::unfix() {
  undo();
  --fixed_;
}

void PartitionSearch::assign(std::size_t item, std::size_t part) {
  assignments_.push_back({item, part == used_, decided_, net_changes_.size()});
  decided_ = decided_ + cost_at(item, part);
  part_[item] = part;
  used_ = std::max(used_, part + 1);
  take(room_[part], model_.items[item].weight);
  for (const std::size_t net : model_.items[item].nets) settle_net(net, item, part);
}

void PartitionSearch::undo() {
  const Assignment last = assignments_.back();
  assignments_.pop_back();
  while (net_changes_.size() > last.net_changes_before) {
    restore_net(net_changes_.back());
    net_changes_.pop_back();
  }
  give_back(room_[part_[last.item]], model_.items[last.item].weight);
  if (last.opened) --used_;
  part_[last.item] = kUnassigned;
  decided_ = last.decided_before;
}

std::size_t PartitionSearch::open_item_of(const Net& net) const {
  const auto open = std::find_if(net.items.rbegin(), net.items.rend(),
                                 [&](std::size_t item) { return part_[item] == kUnassigned; });
  return open == net.items.rend() ? kUnassigned : *open;
}

void PartitionSearch::settle_net(std::size_t net, std::size_t item, std::size_t part) {
  NetState& state = net_state_[net];
  if (state.part == kCut) return;
  const bool was_owner = state.owner == item;
  if (state.part == part && !was_owner) return;
  net_changes_.push_back({net, state});
  const Wide weight = model_.nets[net].weight;
  if (state.part != kUnassigned && state.part != part) {
    // Cut. The owner pays wherever it goes; where it is this item, it has just paid.
    if (!was_owner) matched(state.owner, state.part) -= weight;
    state.part = kCut;
    return;
  }
  state.part = part;
  if (was_owner) state.owner = open_item_of(model_.nets[net]);
  if (state.owner == kUnassigned) return;
  owned_[state.owner] += weight;
  matched(state.owner, part) += weight;
}

void PartitionSearch::restore_net(const NetChange& change) {
  NetState& state = net_state_[change.net];
  const Wide weight = model_.nets[change.net].weight;
  if (state.part == kCut) {
    // Where the last item of the net cut it, that item was the owner and was charged directly.
    if (part_[change.before.owner] == kUnassigned)
      matched(change.before.owner, change.before.part) += weight;
  } else if (state.owner != kUnassigned) {
    owned_[state.owner] -= weight;
    matched(state.owner, state.part) -= weight;
  }
  state = change.before;
}

void PartitionSearch::find_twins() {
  twin_before_.assign(part_.size(), kUnassigned);
  std::size_t before = kUnassigned;
  for (std::size_t i = 0; i < part_.size(); ++i) {
    if (part_[i] != kUnassigned) continue;
    if (before != kUnassigned && are_twins(model_.items[before], model_.items[i]))
      twin_before_[i] = before;
    before = i;
  }
}

/// Of two twins the later one never goes into a lower part: exchanging them changes nothing.
std::size_t PartitionSearch::first_column(std::size_t item) const {
  const std::size_t twin = twin_before_[item];
  return twin == kUnassigned || part_[twin] == kUnassigned ? 0 : part_[twin];
}

PartitionSearch::Choices PartitionSearch::choices_of(std::size_t item) {
  Choices choices;
  for (std::size_t part = 0; part < columns(); ++part) {
    if (!allowed(item, part)) continue;
    add(takers_[part], model_.items[item].weight);
    if (part < first_column(item)) continue;
    const Key cost = cost_at(item, part);
    if (choices.count++ == 0 || cost < choices.cheapest) choices.cheapest = cost;
  }
  return choices;
}

/// Whether the rooms could take the open items, were those fluid: a room takes no more than it has,
/// and no more than all items that fit into it weigh.
bool PartitionSearch::rooms_suffice(const std::array<Wide, 2>& open_weight) const {
  for (std::size_t kind = 0; kind < 2; ++kind) {
    Wide usable = 0;
    for (std::size_t part = 0; part < columns(); ++part) {
      const std::size_t alike = part == used_ ? parts_ - used_ : 1;
      usable += std::min(Wide{room_[part][kind]} * alike, takers_[part][kind]);
    }
    if (usable < open_weight[kind]) return false;
  }
  return true;
}

/// Adds the cheapest choice of every open item up, and picks the item to decide: one without a
/// choice left, else the heaviest.
PartitionSearch::Outlook PartitionSearch::look_ahead() {
  Outlook outlook;
  outlook.bound = decided_;
  std::fill_n(takers_.begin(), columns(), std::array<Wide, 2>{});
  std::array<Wide, 2> open_weight{};
  bool forced = false;
  for (std::size_t item = 0; item < part_.size(); ++item) {
    if (part_[item] != kUnassigned) continue;
    spend(columns());
    const Choices choices = choices_of(item);
    if (choices.count == 0) {
      outlook.dead = true;
      return outlook;
    }
    add(open_weight, model_.items[item].weight);
    outlook.bound = outlook.bound + choices.cheapest;
    if (outlook.next != kUnassigned && (forced || choices.count > 1)) continue;
    forced = choices.count == 1;
    outlook.next = item;
    outlook.next_cheapest = choices.cheapest;
  }
  outlook.dead = !rooms_suffice(open_weight);
  return outlook;
}

void PartitionSearch::spend(std::uint64_t steps) {
  work_left_ -= std::min(work_left_, steps);
}

void PartitionSearch::leave_out(const Key& bound) {
  result_.complete = false;
  result_.bound = std::min(result_.bound, bound);
}

void PartitionSearch::keep_best() {
  const Key key = saturated(decided_);
  if (key >= ceiling_) return;
  result_.best = part_;
  result_.best_key = key;
  ceiling_ = key;
  result_.bound = std::min(result_.bound, ceiling_);
  stopped_ = stopped_ || first_only_;
}

void PartitionSearch::descend() {
  const Outlook outlook = look_ahead();
  if (outlook.dead || saturated_bound(outlook.bound) >= ceiling_) return;
  if (outlook.next == kUnassigned) return keep_best();
  std::vector<std::pair<Key, std::size_t>> branches;
  for (std::size_t part = first_column(outlook.next); part < columns(); ++part)
    if (allowed(outlook.next, part)) branches.emplace_back(cost_at(outlook.next, part), part);
  std::ranges::sort(branches);
  for (const auto& [cost, part] : branches) {
    const Key bound = saturated_bound(outlook.bound - outlook.next_cheapest + cost);
    if (bound >= ceiling_) break;
    stopped_ = stopped_ || work_left_ == 0;
    if (stopped_) {
      leave_out(bound);
      break;
    }
    spend(1 + model_.items[outlook.next].nets.size());
    assign(outlook.next, part);
    descend();
    undo();
  }
}

SearchResult PartitionSearch::run(const Key& ceiling, std::uint64_t* work, bool first_only) {
  find_twins();
  ceiling_ = ceiling;
  result_ = {.best = std::nullopt, .best_key = {}, .complete = true, .bound = ceiling};
  work_left_ = *work;
  first_only_ = first_only;
  stopped_ = false;
  descend();
  *work = work_left_;
  return std::move(result_);
}

}  // namespace spokeshave
