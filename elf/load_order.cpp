#include "elf/load_order.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>

namespace elf {
namespace {

constexpr std::size_t kUnvisited = std::numeric_limits<std::size_t>::max();

/// Tarjan's algorithm with its recursion laid out as a stack of frames: a chain of a million
/// libraries is no deeper for the machine than one of two.
class GroupFinder {
 public:
  explicit GroupFinder(const NeedGraph& needs)
      : needs_(needs),
        visited_at_(needs.size(), kUnvisited),
        lowest_(needs.size(), 0),
        on_stack_(needs.size(), false) {}

  std::vector<std::vector<std::size_t>> find() {
    for (std::size_t node = 0; node < needs_.size(); ++node) {
      if (visited_at_[node] == kUnvisited) visit(node);
    }
    return std::move(groups_);
  }

 private:
  struct Frame {
    std::size_t node = 0;
    std::size_t next_need = 0;
  };

  void visit(std::size_t root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const auto& needs = needs_[frame.node];
      if (frame.next_need == needs.size()) {
        leave();
        continue;
      }
      const std::size_t need = needs[frame.next_need++];
      if (visited_at_.at(need) == kUnvisited) {
        enter(need);
      } else if (on_stack_[need]) {
        lowest_[frame.node] = std::min(lowest_[frame.node], visited_at_[need]);
      }
    }
  }

  void enter(std::size_t node) {
    visited_at_[node] = lowest_[node] = clock_++;
    stack_.push_back(node);
    on_stack_[node] = true;
    frames_.push_back({node});
  }

  void leave() {
    const std::size_t node = frames_.back().node;
    frames_.pop_back();
    if (!frames_.empty()) {
      std::size_t& above = lowest_[frames_.back().node];
      above = std::min(above, lowest_[node]);
    }
    if (lowest_[node] == visited_at_[node]) close_group(node);
  }

  void close_group(std::size_t first_visited) {
    const auto begin = std::find(stack_.rbegin(), stack_.rend(), first_visited).base() - 1;
    std::vector<std::size_t> group(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    for (const std::size_t node : group) on_stack_[node] = false;
    std::sort(group.begin(), group.end());
    groups_.push_back(std::move(group));
  }

  const NeedGraph& needs_;
  std::vector<std::size_t> visited_at_;
  std::vector<std::size_t> lowest_;  ///< the earliest visited node on the stack that is reached
  std::vector<bool> on_stack_;
  std::vector<std::size_t> stack_;
  std::vector<Frame> frames_;
  std::vector<std::vector<std::size_t>> groups_;
  std::size_t clock_ = 0;
};

/// The graph between groups, turned round: who waits for whom. An edge that stands twice counts
/// twice, on both sides.
struct Waiting {
  std::vector<std::vector<std::size_t>> dependants;
  std::vector<std::size_t> open_needs;
};

Waiting wait_between(const std::vector<std::vector<std::size_t>>& groups, const NeedGraph& needs) {
  std::vector<std::size_t> group_of(needs.size());
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const std::size_t node : groups[group]) group_of[node] = group;
  }
  Waiting waiting{.dependants = std::vector<std::vector<std::size_t>>(groups.size()),
                  .open_needs = std::vector<std::size_t>(groups.size(), 0)};
  for (std::size_t node = 0; node < needs.size(); ++node) {
    for (const std::size_t need : needs[node]) {
      if (group_of[need] == group_of[node]) continue;
      waiting.dependants[group_of[need]].push_back(group_of[node]);
      ++waiting.open_needs[group_of[node]];
    }
  }
  return waiting;
}

}  // namespace

std::vector<std::vector<std::size_t>> strongly_connected_groups(const NeedGraph& needs) {
  auto groups = GroupFinder(needs).find();
  // By their smallest node, so that the number of a group is its rank among those that could stand
  // next.
  std::sort(groups.begin(), groups.end());
  Waiting waiting = wait_between(groups, needs);

  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (waiting.open_needs[group] == 0) ready.push(group);
  }
  std::vector<std::vector<std::size_t>> ordered;
  ordered.reserve(groups.size());
  while (!ready.empty()) {
    const std::size_t group = ready.top();
    ready.pop();
    ordered.push_back(std::move(groups[group]));
    for (const std::size_t dependant : waiting.dependants[group]) {
      if (--waiting.open_needs[dependant] == 0) ready.push(dependant);
    }
  }
  return ordered;
}

std::vector<std::size_t> load_order(const NeedGraph& needs) {
  std::vector<std::size_t> order;
  order.reserve(needs.size());
  for (const auto& group : strongly_connected_groups(needs)) {
    order.insert(order.end(), group.begin(), group.end());
  }
  return order;
}

}  // namespace elf
