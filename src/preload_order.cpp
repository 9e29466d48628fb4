#include "src/preload_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "elf/load_order.h"
#include "src/failure.h"
#include "src/glob.h"
#include "src/system_libraries.h"

namespace spokeshave {

namespace {

/// What moved and is needed by DT_NEEDED, directly or through others that moved, by something that
/// stays.
std::set<std::size_t> moved_and_needed(const elf::NeedGraph& needed, const SplitPlan& plan) {
  std::set<std::size_t> chosen;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    if (plan.libraries[i].part == 0) {
      open.push_back(i);
    }
  }
  while (!open.empty()) {
    const std::size_t library = open.back();
    open.pop_back();
    for (const std::size_t next : needed[library]) {
      if (plan.libraries[next].part != 0 && chosen.insert(next).second) {
        open.push_back(next);
      }
    }
  }
  return chosen;
}

/// What the moved ones among `chosen` need of the main wheel. Not what that needs in turn: it finds
/// it by its own paths, and loading it first would take from it the RPATH that it inherits.
void add_what_stays_and_is_needed(std::set<std::size_t>& chosen, const elf::NeedGraph& needed,
                                  const SplitPlan& plan) {
  const std::vector<std::size_t> moved(chosen.begin(), chosen.end());
  for (const std::size_t library : moved) {
    for (const std::size_t next : needed[library]) {
      if (plan.libraries[library].part != 0 && plan.libraries[next].part == 0) {
        chosen.insert(next);
      }
    }
  }
}

std::vector<std::size_t> in_load_order(const std::set<std::size_t>& chosen,
                                       const elf::NeedGraph& needed) {
  std::vector<std::size_t> order;
  for (const std::size_t library : elf::load_order(needed)) {
    if (chosen.contains(library)) {
      order.push_back(library);
    }
  }
  return order;
}

/// What separate folders lack in spite of `preload`: libraries that a DT_NEEDED or a dlopen asks
/// for in vain.
class SeparateFolders {
 public:
  SeparateFolders(const Inventory& inventory, const NeedGraph& graph, const SplitPlan& plan)
      : set_(installed_after(inventory, plan, Layout::kSeparate)),
        environment_(outside_is_met(set_)) {
    for (const auto& need : graph.needs) {
      if (need.is_met()) {
        auto& targets = need.by_dlopen ? opened_ : needed_;
        targets[{need.from, need.name}] = need.to;
      }
    }
  }

  std::set<std::size_t> missing_after(const std::vector<std::size_t>& preload) const {
    std::set<std::size_t> missing;
    for (std::size_t root = 0; root < set_.size(); ++root) {
      elf::Process process = started(preload);
      note_missing(process.open(set_[root].path), missing);
    }
    for (const auto& [asked, target] : opened_) {
      const auto& [from, name] = asked;
      elf::Process process = started(preload);
      if (!process.is_loaded(from)) {
        process.open(set_[from].path);
      }
      if (!process.is_loaded(from)) {
        continue;
      }
      const auto resolutions = process.open_by_name(from, name);
      if (!resolutions.empty() && resolutions.front().rule == elf::Rule::kMissing) {
        missing.insert(target);
      }
      note_missing(resolutions, missing);
    }
    return missing;
  }

 private:
  elf::Process started(const std::vector<std::size_t>& preload) const {
    elf::Process process(set_, environment_);
    for (const std::size_t library : preload) {
      process.open(set_[library].path);
    }
    return process;
  }

  void note_missing(const std::vector<elf::Resolution>& resolutions,
                    std::set<std::size_t>& missing) const {
    for (const auto& resolution : resolutions) {
      const auto target = needed_.find({resolution.from, resolution.needed});
      if (resolution.rule == elf::Rule::kMissing && target != needed_.end()) {
        missing.insert(target->second);
      }
    }
  }

  const std::vector<elf::InstalledLibrary> set_;
  const elf::Environment environment_;
  std::map<std::pair<std::size_t, std::string>, std::size_t> needed_;
  std::map<std::pair<std::size_t, std::string>, std::size_t> opened_;
};

/// The `__init__.py` of the outermost package on the way to `path`. Nothing where there is none.
std::optional<std::string> init_on_the_way(const std::set<std::string>& inits,
                                           const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    std::string init = path.substr(0, slash) + "/__init__.py";
    if (inits.contains(init)) {
      return init;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::size_t> preload_order(const Inventory& inventory, const NeedGraph& graph,
                                       const SplitPlan& plan) {
  const auto needed = graph.adjacency(inventory.libraries.size(), false);
  std::set<std::size_t> chosen = moved_and_needed(needed, plan);
  add_what_stays_and_is_needed(chosen, needed, plan);
  const SeparateFolders folders(inventory, graph, plan);
  while (true) {
    auto order = in_load_order(chosen, needed);
    const std::size_t before = chosen.size();
    chosen.merge(folders.missing_after(order));
    add_what_stays_and_is_needed(chosen, needed, plan);
    if (chosen.size() == before) {
      return order;
    }
  }
}

std::vector<PreloadLibrary> preload_libraries(const Inventory& inventory, const NeedGraph& graph,
                                              const SplitPlan& plan,
                                              const std::vector<std::size_t>& order) {
  std::vector<bool> wants_outside(inventory.libraries.size(), false);
  for (const auto& need : graph.outside) {
    wants_outside[need.from] = wants_outside[need.from] || !is_system_library(need.name);
  }
  const auto needed = graph.adjacency(inventory.libraries.size(), false);
  std::vector<PreloadLibrary> libraries;
  for (const std::size_t index : order) {
    // In load order what it needs has been looked at already.
    for (const std::size_t other : needed[index]) {
      wants_outside[index] = wants_outside[index] || wants_outside[other];
    }
    const auto& planned = plan.libraries[index];
    const auto& soname =
        planned.edits.soname ? planned.edits.soname : inventory.libraries[index].image.soname;
    libraries.push_back({planned.installed_path,
                         soname.value_or(std::string(file_name(planned.installed_path))),
                         plan.wheels[planned.part].requirement, wants_outside[index]});
  }
  return libraries;
}

std::string choose_init(const WheelOutline& outline, const Inventory& inventory,
                        const SplitPlan& plan, const SplitRequest& request) {
  if (request.package) {
    std::string path = *request.package;
    std::replace(path.begin(), path.end(), '.', '/');
    path += "/__init__.py";
    if (!outline.has(path)) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("--package `{}` is no package of the wheel", *request.package),
                    fmt::format("the wheel has no `{}`", path),
                    "name a package with an `__init__.py`, its parts with `.` between them");
    }
    return path;
  }
  // A package that holds what moves counts by those bytes; one whose extension modules load it
  // counts a little.
  std::set<std::string> inits;
  for (const auto& member : outline.members) {
    if (file_name(member.installed_path) == "__init__.py") {
      inits.insert(member.installed_path);
    }
  }
  std::map<std::string, std::uint64_t> score;
  for (std::size_t i = 0; i < inventory.libraries.size(); ++i) {
    const auto& library = inventory.libraries[i];
    const auto init = init_on_the_way(inits, library.installed_path);
    if (init && plan.libraries[i].part != 0) {
      score[*init] += library.size;
    } else if (init && library.image.exports_python_init) {
      score[*init] += 1;
    }
  }
  const auto best = std::max_element(
      score.begin(), score.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == score.end() ? std::string() : best->first;
}

}  // namespace spokeshave
