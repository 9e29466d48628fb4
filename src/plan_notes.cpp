#include "src/plan_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "src/glob.h"
#include "src/size.h"

namespace spokeshave {

namespace {

/// Extension modules below this share of a wheel's bytes are not worth a word: 1/20.
constexpr std::uint64_t kWorthTelling = 20;

std::set<std::string> moved_names(const Inventory& inventory, const SplitPlan& plan) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    if (plan.libraries[i].part != 0) {
      names.emplace(file_name(inventory.libraries[i].member));
    }
  }
  return names;
}

void note_link_time_users(const Inventory& inventory, const std::set<std::string>& moved,
                          std::vector<std::string>& notes) {
  for (const auto& text : inventory.text_mentions) {
    std::vector<std::string> hit;
    for (const auto& name : text.libraries) {
      if (moved.contains(name)) {
        hit.push_back(name);
      }
    }
    if (!hit.empty()) {
      notes.push_back(
          fmt::format("`{}` names {} for linking: builds against this wheel will not find {}",
                      text.member, fmt::join(hit, ", "), hit.size() == 1 ? "it" : "them"));
    }
  }
}

void note_libraries(const Inventory& inventory, const SplitPlan& plan,
                    std::vector<std::string>& notes) {
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    const auto& library = inventory.libraries[i];
    const auto& planned = plan.libraries[i];
    if (planned.part != 0 && !library.opened_by.empty()) {
      notes.push_back(
          fmt::format("`{}` moves as --move says, but `{}` opens it by path: it will not be there",
                      library.member, library.opened_by.front()));
    }
    if (planned.part == 0 && library.image.exports_python_init &&
        library.size * kWorthTelling >= inventory.installed_bytes) {
      notes.push_back(fmt::format("`{}` ({}) is an extension module and cannot move",
                                  library.member, format_size(library.size)));
    }
  }
}

/// Programs and extension modules of other packages, which nobody preloads for.
void note_what_preloading_misses(const Inventory& inventory, const SplitPlan& plan,
                                 std::vector<std::string>& notes) {
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < inventory.libraries.size(); ++i) {
    if (std::find(plan.behind_import.begin(), plan.behind_import.end(), i) ==
        plan.behind_import.end()) {
      others.push_back(i);
    }
  }
  const auto before = installed_before(inventory, Layout::kSitePackages);
  const auto after = installed_after(inventory, plan, Layout::kSeparate);
  for (const std::size_t root : others) {
    const auto losses = loading_losses(before, after, {}, {}, std::vector<std::size_t>{root});
    if (losses.empty()) {
      continue;
    }
    const Library& library = inventory.libraries[root];
    const std::string package(folder_of(plan.init_path));
    notes.push_back(
        library.image.is_executable()
            ? fmt::format("`{}` starts only where all wheels share one folder", library.member)
            : fmt::format(
                  "`{}` loads only after `import {}` where each wheel has a folder of its own",
                  library.member, package));
  }
}

void note_unmet_needs(const Inventory& inventory, const NeedGraph& graph,
                      std::vector<std::string>& notes) {
  std::map<std::size_t, std::vector<std::string>> names;
  for (const auto& need : graph.unmet) {
    names[need.from].push_back(need.name);
  }
  for (const auto& [library, missing] : names) {
    notes.push_back(fmt::format("`{}` does not find {} although the wheel has {}; it was so before",
                                inventory.libraries[library].member, fmt::join(missing, ", "),
                                missing.size() == 1 ? "it" : "them"));
  }
}

}  // namespace

std::vector<std::string> plan_notes(const Inventory& inventory, const NeedGraph& graph,
                                    const SplitPlan& plan) {
  std::vector<std::string> notes;
  const bool musl = plan.loader == elf::LoaderKind::kMusl;
  if (!plan.preload.empty() && musl) {
    notes.push_back(
        "musl meets no need by a library that was loaded by its path: the wheels must be installed "
        "into one folder");
  } else if (!plan.preload.empty() && plan.init_path.empty()) {
    notes.push_back(
        "no package with an `__init__.py` loads the moved libraries, so nothing is preloaded: "
        "the wheels must be installed into one folder");
  }
  note_libraries(inventory, plan, notes);
  note_link_time_users(inventory, moved_names(inventory, plan), notes);
  if (!musl) {
    note_what_preloading_misses(inventory, plan, notes);
  }
  note_unmet_needs(inventory, graph, notes);
  for (const auto& unreadable : inventory.unreadable) {
    notes.push_back(
        fmt::format("`{}` begins as an ELF file and cannot be read as one, it stays as it is: {}",
                    unreadable.member, unreadable.why));
  }
  return notes;
}

}  // namespace spokeshave
