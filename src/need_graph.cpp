#include "src/need_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <unordered_set>

#include "elf/search_path.h"
#include "src/glob.h"
#include "src/system_libraries.h"

namespace spokeshave {

elf::LoaderKind loader_of(const std::string& platform_tag) {
  return platform_tag.find("musllinux") == std::string::npos ? elf::LoaderKind::kGlibc
                                                             : elf::LoaderKind::kMusl;
}

std::string location(Layout layout, std::size_t wheel, const std::string& installed_path) {
  const std::string root =
      layout == Layout::kSitePackages ? "/site-packages/" : fmt::format("/wheel-{}/", wheel);
  return elf::normalise_path(root + installed_path);
}

elf::Environment outside_is_met(const std::vector<elf::InstalledLibrary>& set) {
  auto brought = std::make_shared<std::unordered_set<std::string>>();
  for (const auto& library : set) {
    brought->insert(std::string(file_name(library.path)));
    if (library.soname) {
      brought->insert(*library.soname);
    }
  }
  elf::Environment environment;
  environment.is_system = [brought = std::move(brought)](std::string_view soname) {
    return is_system_library(soname) || !brought->contains(std::string(soname));
  };
  return environment;
}

std::vector<std::vector<std::size_t>> NeedGraph::adjacency(std::size_t count,
                                                           bool with_dlopen) const {
  std::vector<std::vector<std::size_t>> edges(count);
  for (const auto& need : needs) {
    if (need.is_met() && (with_dlopen || !need.by_dlopen) && need.from != need.to) {
      edges[need.from].push_back(need.to);
    }
  }
  return edges;
}

std::vector<bool> needs_outside(const NeedGraph& graph,
                                const std::vector<std::vector<std::size_t>>& needed,
                                const std::vector<std::size_t>& order) {
  std::vector<bool> wants(needed.size(), false);
  for (const auto& need : graph.outside) {
    wants[need.from] = wants[need.from] || !is_system_library(need.name);
  }
  for (const std::size_t library : order) {
    // In load order what it needs has been looked at already.
    for (const std::size_t other : needed[library]) {
      wants[library] = wants[library] || wants[other];
    }
  }
  return wants;
}

bool needs_other_wheels(const NeedGraph& graph) {
  return std::any_of(graph.outside.begin(), graph.outside.end(),
                     [](const OutsideNeed& need) { return is_of_another_wheel(need.name); });
}

}  // namespace spokeshave
