#include "src/loading.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "src/glob.h"
#include "src/loading_answers.h"

namespace spokeshave {

namespace {

/// The names of libraries of the set that each library mentions, and does not need by DT_NEEDED.
using Mentioned = std::vector<std::vector<std::string>>;

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
                              const Mentions& mentions, const Names& names) {
  Mentioned mentioned(set.size());
  for (std::size_t i = 0; i < set.size(); ++i) {
    // Its own SONAME stands among every library's bytes.
    std::set<std::string> told(set[i].needed.begin(), set[i].needed.end());
    told.insert(set[i].soname.value_or(""));
    for (const std::string& name : *mentions[i]) {
      if (names.contains(name) && !told.contains(name)) {
        mentioned[i].push_back(name);
      }
    }
  }
  return mentioned;
}

/// Runs processes over one set and gathers the answers.
class Simulation {
 public:
  Simulation(const std::vector<elf::InstalledLibrary>& set, const Names& names,
             const Mentioned& mentioned, elf::LoaderKind loader, elf::Noted noted)
      : set_(set),
        names_(names),
        mentioned_(mentioned),
        choice_(set),
        environment_(outside_is_met(set)),
        loaded_by_(set.size(), LoadedBy::kNobody),
        reached_(set.size(), false),
        loaded_alone_(set.size(), false) {
    environment_.loader = loader;
    environment_.noted = noted;
    mentioning_.resize(set.size());
    std::iota(mentioning_.begin(), mentioning_.end(), std::size_t{0});
    std::stable_sort(mentioning_.begin(), mentioning_.end(), [&](std::size_t a, std::size_t b) {
      return place_of(set[a]) < place_of(set[b]);
    });
  }

  void run(const ProcessPlan& plan) {
    elf::Process process(set_, environment_);
    begin(plan.by);
    for (const Openings& openings : plan.openings) {
      run(openings, process);
    }
    end(process);
  }

  /// Each in a process of its own, which nobody is known to start. Where one of them loads another,
  /// that one's needs are known, but for how it meets its own when it is opened first.
  void run_alone(const std::vector<std::size_t>& libraries) {
    for (const std::size_t library : libraries) {
      if (!fresh_) {
        fresh_.emplace(set_, environment_);
      }
      begin(LoadedBy::kNobody);
      if (loaded_alone_[library]) {
        take_all(library, fresh_->own_needs(set_[library].path));
      } else {
        open(library, *fresh_);
      }
      const bool is_loaded = fresh_->is_loaded(library);
      for (const auto& [key, last] : last_) {
        if (is_loaded && last.resolution.to) {
          loaded_alone_[*last.resolution.to] = true;
        }
      }
      end(*fresh_);
      // What fails leaves the process as it was.
      if (is_loaded) {
        fresh_.reset();
      }
    }
  }

  bool has_reached(std::size_t library) const { return reached_[library]; }

  Answers needed;
  Answers opened;
  std::vector<LoadedBy> take_loaded_by() { return std::move(loaded_by_); }
  const std::vector<std::size_t>& begun() const { return begun_; }

 private:
  void begin(LoadedBy by) {
    by_ = by;
    last_.clear();
    failed_.clear();
  }

  void end(elf::Process& process) {
    open_what_is_mentioned(process);
    for (auto& [key, last] : last_) {
      take(std::move(last.resolution), std::move(last.tried), by_, last.opened);
    }
  }

  void run(const Openings& openings, elf::Process& process) {
    std::vector<std::size_t> again;
    for (const std::size_t library : openings.named) {
      if (!open(library, process)) {
        again.push_back(library);
      }
    }
    if (openings.searched.empty() || (again.empty() && !openings.named.empty())) {
      return;
    }
    for (const std::size_t library : openings.searched) {
      open(library, process);
    }
    for (const std::size_t library : again) {
      open(library, process);
    }
  }

  /// The last answer to a need is what counts in a process.
  bool open(std::size_t library, elf::Process& process) {
    reach(library);
    if (std::find(begun_.begin(), begun_.end(), library) == begun_.end()) {
      begun_.push_back(library);
    }
    const bool whole = take_all(library, process.open(set_[library].path));
    if (whole) {
      failed_.erase(library);
    } else {
      failed_.insert(library);
    }
    return whole;
  }

  bool take_all(std::size_t library, std::vector<elf::Resolution>&& resolutions) {
    bool whole = true;
    for (auto& resolution : resolutions) {
      reach(resolution.from);
      if (resolution.to) {
        reach(*resolution.to);
      }
      whole = whole && resolution.rule != elf::Rule::kMissing;
      Last& last = last_[{resolution.from, resolution.needed}];
      room_.give_back(last.tried);
      last.tried = room_.take_in(resolution);
      last.resolution = std::move(resolution);
      last.opened = library;
    }
    return whole;
  }

  void reach(std::size_t library) {
    if (!reached_[library] || by_ < loaded_by_[library]) {
      loaded_by_[library] = by_;
    }
    reached_[library] = true;
  }

  void take(elf::Resolution&& resolution, Tried&& tried, LoadedBy by, std::size_t opened_first) {
    Answer& answer = needed[{resolution.from, resolution.needed}];
    if (resolution.rule != elf::Rule::kMissing) {
      choice_.take_met(answer, {std::move(resolution), by, opened_first});
      return;
    }
    UnmetNeed need{resolution.from, resolution.needed, std::move(tried), by, opened_first};
    const auto [begin, end] = names_.equal_range(need.name);
    for (auto it = begin; it != end; ++it) {
      need.bearers.push_back(it->second);
      if (failed_.contains(it->second)) {
        need.failed_before.push_back(it->second);
      }
    }
    take_unmet(answer, std::move(need));
  }

  /// Of the two one stays, and is the answer's.
  void take_unmet(Answer& answer, UnmetNeed&& need) {
    choice_.take_unmet(answer, need);
    room_.give_back(need.tried);
    need.tried = {};
  }

  void open_what_is_mentioned(elf::Process& process) {
    for (const std::size_t from : mentioning_) {
      for (const auto& name : mentioned_[from]) {
        if (process.is_loaded(from)) {
          take_opened(from, name, process.open_by_name(from, name));
        }
      }
    }
  }

  /// The first resolution is that of the name itself; the others are needs of what it brought. A
  /// name among bytes is no proof that anything is opened: what is missing then is nobody's loss.
  void take_opened(std::size_t from, const std::string& name,
                   std::vector<elf::Resolution>&& resolutions) {
    if (resolutions.empty() || !resolutions.front().to) {
      if (!resolutions.empty() && resolutions.front().rule == elf::Rule::kMissing) {
        take_unmet(opened[{from, name}],
                   {from, name, room_.take_in(resolutions.front()), by_, from});
      }
      return;
    }
    if (by_ != LoadedBy::kNobody) {
      reach(*resolutions.front().to);
      for (std::size_t k = 1; k < resolutions.size(); ++k) {
        reach(resolutions[k].from);
        if (resolutions[k].to) {
          reach(*resolutions[k].to);
        }
        if (!last_.contains({resolutions[k].from, resolutions[k].needed})) {
          Tried tried = room_.take_in(resolutions[k]);
          take(std::move(resolutions[k]), std::move(tried), LoadedBy::kNobody,
               *resolutions.front().to);
        }
      }
    }
    choice_.take_met(opened[{from, name}], {std::move(resolutions.front()), by_, from});
  }

  const std::vector<elf::InstalledLibrary>& set_;
  const Names& names_;
  const Mentioned& mentioned_;
  std::vector<std::size_t>
      mentioning_;  ///< all, in an order that the wheels' order does not change
  Choice choice_;
  AttemptRoom room_;
  elf::Environment environment_;
  std::vector<LoadedBy> loaded_by_;
  std::vector<bool> reached_;
  std::vector<bool> loaded_alone_;     ///< by another, in run_alone
  std::optional<elf::Process> fresh_;  ///< in which nothing is loaded
  std::vector<std::size_t> begun_;

  LoadedBy by_ = LoadedBy::kNobody;  ///< of the present process
  struct Last {
    elf::Resolution resolution;
    Tried tried;
    std::size_t opened = 0;
  };
  std::map<std::pair<std::size_t, std::string>, Last> last_;
  std::set<std::size_t> failed_;  ///< opened by the present process, in vain
};

void add_needed(NeedGraph& graph, const std::vector<elf::InstalledLibrary>& set, Answers& answers,
                std::size_t from) {
  std::unordered_set<std::string_view> seen;
  for (const std::string& name : set[from].needed) {
    if (!seen.insert(name).second) {
      continue;
    }
    Answer& answer = answers[{from, name}];
    for (const auto& [met, by, opened] : answer.met) {
      if (met.to) {
        graph.needs.push_back({from, *met.to, name, false, met.rule, met.path_owner, {}});
      } else {
        graph.outside.push_back({from, name});
      }
    }
    const bool weak = answer.unmet && answer.unmet->loaded_by == LoadedBy::kNobody;
    if (answer.unmet) {
      auto& programs = answer.unmet->other_programs;
      std::sort(programs.begin(), programs.end(),
                [&](std::size_t a, std::size_t b) { return place_of(set[a]) < place_of(set[b]); });
    }
    if (answer.unmet && !(weak && !answer.met.empty())) {
      graph.unmet.push_back(std::move(*answer.unmet));
    }
  }
}

/// First those that no other of them needs: they load the others. In a circle each is needed, and
/// the first by its path stands before the others, whatever the order of the wheels.
std::vector<std::size_t> in_order_of_need(std::vector<std::size_t> libraries,
                                          const std::vector<elf::InstalledLibrary>& set,
                                          const Names& names) {
  std::vector<bool> is_needed(set.size(), false);
  for (const std::size_t from : libraries) {
    for (const std::string& name : set[from].needed) {
      const auto [begin, end] = names.equal_range(name);
      for (auto it = begin; it != end; ++it) {
        is_needed[it->second] = is_needed[it->second] || it->second != from;
      }
    }
  }
  std::stable_sort(libraries.begin(), libraries.end(), [&](std::size_t a, std::size_t b) {
    return place_of(set[a]) < place_of(set[b]);
  });
  std::stable_partition(libraries.begin(), libraries.end(),
                        [&](std::size_t library) { return !is_needed[library]; });
  return libraries;
}

/// A dlopen edge, unless it leads to the library itself or to one that it needs anyway (from
/// needs[first] on).
void add_opened(NeedGraph& graph, std::size_t first, std::size_t from, const std::string& name,
                Answers& opened, const Names& names) {
  const auto answer = opened.find({from, name});
  std::vector<Need> found;
  if (answer != opened.end()) {
    for (const auto& [resolution, by, opener] : answer->second.met) {
      found.push_back(
          {from, *resolution.to, name, true, resolution.rule, resolution.path_owner, {}});
    }
  }
  if (found.empty()) {
    const auto [begin, end] = names.equal_range(name);
    for (auto it = begin; it != end; ++it) {
      found.push_back({from, it->second, name, true, elf::Rule::kMissing, 0, {}});
    }
  }
  for (auto& need : found) {
    const bool known =
        std::any_of(graph.needs.begin() + static_cast<std::ptrdiff_t>(first), graph.needs.end(),
                    [&](const Need& other) { return other.to == need.to; });
    if (need.to != from && !known) {
      if (!need.is_met() && answer != opened.end() && answer->second.unmet) {
        // Several libraries that have the name are several edges, but one search.
        need.tried = std::exchange(answer->second.unmet->tried, {});
      }
      graph.needs.push_back(std::move(need));
    }
  }
}

}  // namespace

Loading simulate_loading(const std::vector<elf::InstalledLibrary>& set, const Mentions& mentions,
                         const std::vector<ProcessPlan>& processes, elf::LoaderKind loader,
                         elf::Noted noted) {
  const Names names = names_of(set);
  const Mentioned mentioned = mentioned_libraries(set, mentions, names);
  Simulation simulation(set, names, mentioned, loader, noted);
  for (const ProcessPlan& plan : processes) {
    simulation.run(plan);
  }
  Loading loading;
  loading.opened = simulation.begun();
  std::vector<std::size_t> alone;
  for (std::size_t library = 0; library < set.size(); ++library) {
    if (!simulation.has_reached(library)) {
      alone.push_back(library);
    }
  }
  simulation.run_alone(in_order_of_need(std::move(alone), set, names));
  loading.loaded_by = simulation.take_loaded_by();
  for (std::size_t from = 0; from < set.size(); ++from) {
    const std::size_t first = loading.graph.needs.size();
    add_needed(loading.graph, set, simulation.needed, from);
    for (const std::string& name : mentioned[from]) {
      add_opened(loading.graph, first, from, name, simulation.opened, names);
    }
  }
  return loading;
}

NeedGraph find_needs(const std::vector<elf::InstalledLibrary>& set, const Mentions& mentions,
                     elf::LoaderKind loader) {
  return simulate_loading(set, mentions, {}, loader, elf::Noted::kNone).graph;
}

}  // namespace spokeshave
