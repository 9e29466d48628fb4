#include "src/preload_faults.h"

#include <map>
#include <utility>

#include "elf/load_order.h"

namespace spokeshave {

namespace {

/// Who fails by whom: from what is opened to what is then missed. The number of its group for each
/// library: those of one group fail by each other.
std::map<std::size_t, std::size_t> groups_of_failures(const std::vector<Missed>& missed) {
  std::map<std::size_t, std::size_t> nodes;
  const auto node = [&](std::size_t library) {
    return nodes.emplace(library, nodes.size()).first->second;
  };
  elf::NeedGraph graph;
  for (const auto& each : missed) {
    const std::size_t from = node(each.opened);
    const std::size_t to = each.need.to ? node(*each.need.to) : from;
    graph.resize(nodes.size());
    if (from != to) {
      graph[from].push_back(to);
    }
  }
  std::vector<std::size_t> group_of(graph.size());
  std::size_t number = 0;
  for (const auto& group : elf::strongly_connected_groups(graph)) {
    for (const std::size_t member : group) {
      group_of[member] = number;
    }
    ++number;
  }
  for (auto& [library, group] : nodes) {
    group = group_of[group];
  }
  return nodes;
}

}  // namespace

std::vector<StillMissing> faults_among(const std::vector<Missed>& missed,
                                       const std::set<std::size_t>& failed) {
  const auto group_of = groups_of_failures(missed);
  std::set<std::pair<std::size_t, std::string>> seen;
  std::vector<StillMissing> faults;
  for (const auto& each : missed) {
    const auto& to = each.need.to;
    const bool is_consequence =
        to && failed.contains(*to) && group_of.at(*to) != group_of.at(each.opened);
    if (!is_consequence && seen.emplace(each.need.from, each.need.name).second) {
      faults.push_back(each.need);
    }
  }
  return faults;
}

}  // namespace spokeshave
