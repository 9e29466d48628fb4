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

/// The names of libraries of the set that each library mentions, and does not need by DT_NEEDED.
using Mentioned = std::vector<std::vector<std::string>>;

/// Opens every library in a process of its own, then what is mentioned by those that this loaded.
/// DT_NEEDED goes into `needed`, dlopen into `opened`.
void ask_the_loader(const std::vector<elf::InstalledLibrary>& set, const Mentioned& mentioned,
                    Answers& needed, Answers& opened) {
  const elf::Environment environment = outside_is_met(set);
  for (const auto& library : set) {
    elf::Process process(set, environment);
    for (auto& resolution : process.open(library.path)) {
      take_answer(needed, std::move(resolution));
    }
    for (std::size_t from = 0; from < set.size(); ++from) {
      for (const auto& name : mentioned[from]) {
        if (!process.is_loaded(from)) {
          continue;
        }
        auto resolutions = process.open_by_name(from, name);
        if (!resolutions.empty()) {
          take_answer(opened, std::move(resolutions.front()));
        }
      }
    }
  }
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
using Names = std::multimap<std::string, std::size_t, std::less<>>;

Names names_of(const std::vector<elf::InstalledLibrary>& set) {
  Names names;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::string file(file_name(set[i].path));
    names.emplace(file, i);
    if (set[i].soname && *set[i].soname != file) {
      names.emplace(*set[i].soname, i);
    }
  }
  return names;
}

Mentioned mentioned_libraries(const std::vector<elf::InstalledLibrary>& set,
                              const std::vector<const std::set<std::string>*>& mentions,
                              const Names& names) {
  Mentioned mentioned(set.size());
  for (std::size_t i = 0; i < set.size(); ++i) {
    const std::set<std::string> needed(set[i].needed.begin(), set[i].needed.end());
    for (const std::string& name : *mentions[i]) {
      if (names.contains(name) && !needed.contains(name)) {
        mentioned[i].push_back(name);
      }
    }
  }
  return mentioned;
}

/// A dlopen edge, unless it leads to the library itself or to one that it needs anyway (from
/// needs[first] on).
void add_opened(NeedGraph& graph, std::size_t first, std::size_t from, const std::string& name,
                const Answers& opened, const Names& names) {
  const auto answer = opened.find({from, name});
  std::vector<Need> found;
  if (answer != opened.end()) {
    for (const auto& resolution : answer->second) {
      if (resolution.to) {
        found.push_back({from, *resolution.to, name, true, resolution.rule, resolution.path_owner});
      }
    }
  }
  if (found.empty()) {
    const auto [begin, end] = names.equal_range(name);
    for (auto it = begin; it != end; ++it) {
      found.push_back({from, it->second, name, true, elf::Rule::kMissing, 0});
    }
  }
  for (auto& need : found) {
    const bool known =
        std::any_of(graph.needs.begin() + static_cast<std::ptrdiff_t>(first), graph.needs.end(),
                    [&](const Need& other) { return other.to == need.to; });
    if (need.to != from && !known) {
      graph.needs.push_back(std::move(need));
    }
  }
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
    if (need.is_met() && (with_dlopen || !need.by_dlopen) && need.from != need.to) {
      edges[need.from].push_back(need.to);
    }
  }
  return edges;
}

NeedGraph find_needs(const std::vector<elf::InstalledLibrary>& set,
                     const std::vector<const std::set<std::string>*>& mentions) {
  const auto names = names_of(set);
  const Mentioned mentioned = mentioned_libraries(set, mentions, names);
  Answers needed;
  Answers opened;
  ask_the_loader(set, mentioned, needed, opened);
  NeedGraph graph;
  for (std::size_t from = 0; from < set.size(); ++from) {
    const std::size_t first = graph.needs.size();
    add_needed(graph, set, needed, from);
    for (const std::string& name : mentioned[from]) {
      add_opened(graph, first, from, name, opened, names);
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
