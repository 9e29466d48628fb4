#include "src/required_wheels.h"

#include <map>
#include <string>

#include "wheel/filename.h"

namespace spokeshave {

namespace {

using Edges = std::vector<std::vector<std::size_t>>;

Edges direct_requirements(const std::vector<InspectedWheel>& wheels) {
  std::map<std::string, std::vector<std::size_t>> by_name;
  for (std::size_t i = 0; i < wheels.size(); ++i) {
    by_name[wheel::normalise_name(wheels[i].name)].push_back(i);
  }
  Edges edges(wheels.size());
  for (std::size_t i = 0; i < wheels.size(); ++i) {
    for (const auto& name : wheels[i].requirements) {
      if (const auto found = by_name.find(name); found != by_name.end()) {
        edges[i].insert(edges[i].end(), found->second.begin(), found->second.end());
      }
    }
  }
  return edges;
}

/// Depth first, without recursion: a chain of requirements may be as long as the command line.
std::vector<std::size_t> behind_its_requirements(std::size_t wheel, const Edges& edges) {
  struct Open {
    std::size_t wheel;
    std::size_t next;  ///< the requirement to look at
  };
  std::vector<bool> seen(edges.size(), false);
  std::vector<std::size_t> order;
  std::vector<Open> stack = {{wheel, 0}};
  seen[wheel] = true;
  while (!stack.empty()) {
    Open& top = stack.back();
    if (top.next == edges[top.wheel].size()) {
      order.push_back(top.wheel);
      stack.pop_back();
      continue;
    }
    const std::size_t required = edges[top.wheel][top.next++];
    if (!seen[required]) {
      seen[required] = true;
      stack.push_back({required, 0});
    }
  }
  return order;
}

}  // namespace

std::vector<std::vector<std::size_t>> required_wheels(const std::vector<InspectedWheel>& wheels) {
  const Edges edges = direct_requirements(wheels);
  std::vector<std::vector<std::size_t>> required;
  required.reserve(wheels.size());
  for (std::size_t i = 0; i < wheels.size(); ++i) {
    required.push_back(behind_its_requirements(i, edges));
  }
  return required;
}

}  // namespace spokeshave
