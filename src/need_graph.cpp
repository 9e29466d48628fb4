#include "src/need_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_set>

#include "elf/search_path.h"
#include "src/glob.h"
#include "src/system_libraries.h"

namespace spokeshave {

namespace {

/// (library that needs, name) -> how it was met, the best answer over all processes.
using Answers = std::map<std::pair<std::size_t, std::string>, std::vector<elf::Resolution>>;

void take_answer(Answers& answers, elf::Resolution&& resolution) {
  auto& known = answers[{resolution.from, resolution.needed}];
  const bool is_new = std::none_of(known.begin(), known.end(), [&](const auto& other) {
    return other.to == resolution.to && other.rule != elf::Rule::kMissing;
  });
  if (resolution.rule == elf::Rule::kMissing) {
    if (known.empty()) {
      known.push_back(std::move(resolution));
    }
    return;
  }
  std::erase_if(known, [](const auto& other) { return other.rule == elf::Rule::kMissing; });
  if (is_new) {
    known.push_back(std::move(resolution));
  }
}

Answers ask_the_loader(const std::vector<elf::InstalledLibrary>& set) {
  Answers answers;
  const elf::Environment environment = outside_is_met(set);
  for (const auto& library : set) {
    elf::Process process(set, environment);
    for (auto& resolution : process.open(library.path)) {
      take_answer(answers, std::move(resolution));
    }
  }
  return answers;
}

void add_needed(NeedGraph& graph, const std::vector<elf::InstalledLibrary>& set, Answers& answers,
                std::size_t from) {
  for (const std::string& name : set[from].needed) {
    for (auto& answer : answers[{from, name}]) {
      if (answer.to) {
        graph.needs.push_back({from, *answer.to, name, false, answer.rule, answer.path_owner});
      } else if (answer.rule == elf::Rule::kMissing) {
        graph.unmet.push_back({from, name, std::move(answer.attempts)});
      } else {
        graph.outside.push_back({from, name});
      }
    }
  }
}

/// Names under which libraries of the set could be asked for: SONAME and file name.
std::multimap<std::string, std::size_t, std::less<>> names_of(
    const std::vector<elf::InstalledLibrary>& set) {
  std::multimap<std::string, std::size_t, std::less<>> names;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::string file(file_name(set[i].path));
    names.emplace(file, i);
    if (set[i].soname && *set[i].soname != file) {
      names.emplace(*set[i].soname, i);
    }
  }
  return names;
}

}  // namespace

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
    if ((with_dlopen || !need.by_dlopen) && need.from != need.to) {
      edges[need.from].push_back(need.to);
    }
  }
  return edges;
}

NeedGraph find_needs(const std::vector<elf::InstalledLibrary>& set,
                     const std::vector<const std::set<std::string>*>& mentions) {
  NeedGraph graph;
  Answers answers = ask_the_loader(set);
  const auto names = names_of(set);
  for (std::size_t from = 0; from < set.size(); ++from) {
    add_needed(graph, set, answers, from);
    for (const std::string& name : *mentions[from]) {
      const auto& needed = set[from].needed;
      if (std::find(needed.begin(), needed.end(), name) != needed.end()) {
        continue;
      }
      const auto [first, last] = names.equal_range(name);
      for (auto it = first; it != last; ++it) {
        if (it->second != from) {
          graph.needs.push_back({from, it->second, name, true, elf::Rule::kMissing, 0});
        }
      }
    }
  }
  return graph;
}

bool needs_other_wheels(const NeedGraph& graph) {
  return std::any_of(graph.outside.begin(), graph.outside.end(), [](const OutsideNeed& need) {
    return !is_system_library(need.name) && !is_driver_library(need.name);
  });
}

}  // namespace spokeshave
