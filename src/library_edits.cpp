#include "src/library_edits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "elf/search_path.h"
#include "src/glob.h"

namespace spokeshave {

namespace {

// Stands for the folders above site-packages, so that `..` may lead out of it and back.
constexpr std::string_view kSitePackages = "/1/2/3/4/5/6/7/8";

std::string absolute(std::string_view folder) {
  return elf::normalise_path(fmt::format("{}/{}", kSitePackages, folder));
}

std::string relative_entry(std::string_view from_folder, std::string_view to_folder) {
  return elf::relative_origin(absolute(from_folder), absolute(to_folder));
}

/// Where an entry leads from `folder`, absolute; nothing where it does not begin with $ORIGIN, or
/// has other tokens in it.
std::optional<std::string> origin_target(std::string_view entry, std::string_view folder) {
  for (const std::string_view origin : {"$ORIGIN", "${ORIGIN}"}) {
    if (!entry.starts_with(origin)) {
      continue;
    }
    const std::string_view rest = entry.substr(origin.size());
    if ((rest.empty() || rest.front() == '/') && rest.find('$') == std::string_view::npos) {
      return elf::normalise_path(absolute(folder) + std::string(rest));
    }
  }
  return std::nullopt;
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> entries;
  if (path.empty()) {
    return entries;  // to ld.so no path at all; as one empty entry it would be the current folder
  }
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    entries.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return entries;
}

void add_once(std::vector<std::string>& entries, std::string entry) {
  if (!entry.empty() && std::find(entries.begin(), entries.end(), entry) == entries.end()) {
    entries.push_back(std::move(entry));
  }
}

std::optional<std::string> path_of(const Library& library) {
  return library.image.runpath ? library.image.runpath : library.image.rpath;
}

/// One library's edits, worked out among those of its wheel.
class Editor {
 public:
  Editor(SplitPlan& plan, const Inventory& inventory, const NeedGraph& graph,
         const SplitRequest& request)
      : plan_(plan),
        inventory_(inventory),
        graph_(graph),
        request_(request),
        keep_outside_(needs_other_wheels(graph)) {
    for (const auto& library : inventory.libraries) {
      old_folders_.insert(absolute(folder_of(library.installed_path)));
    }
    for (const auto& library : plan.libraries) {
      new_folders_.insert(absolute(folder_of(library.installed_path)));
    }
  }

  void edit(std::size_t index, const std::set<std::string>& extra) {
    PlannedLibrary& planned = plan_.libraries[index];
    planned.edits = {};
    planned.why.clear();
    edit_search_path(index, extra);
    if (planned.part != 0 || needed_from_elsewhere(index)) {
      edit_soname(index);
    }
  }

 private:
  std::string old_folder(std::size_t index) const {
    return std::string(folder_of(inventory_.libraries[index].installed_path));
  }
  std::string new_folder(std::size_t index) const {
    return std::string(folder_of(plan_.libraries[index].installed_path));
  }
  bool direction_changed(const Need& need) const {
    return relative_entry(old_folder(need.from), old_folder(need.to)) !=
           relative_entry(new_folder(need.from), new_folder(need.to));
  }

  /// Its path alone leads there.
  static bool is_met_by_own_path(const Need& need) {
    return (need.rule == elf::Rule::kRpath || need.rule == elf::Rule::kRunpath) &&
           need.path_owner == need.from;
  }

  /// The met needs of a library for which `wanted` says so.
  template <typename Wanted>
  std::vector<const Need*> needs_of(std::size_t index, const Wanted& wanted) const {
    std::vector<const Need*> found;
    for (const auto& need : graph_.needs) {
      if (need.from == index && need.is_met() && wanted(need)) {
        found.push_back(&need);
      }
    }
    return found;
  }

  void edit_search_path(std::size_t index, const std::set<std::string>& extra) {
    PlannedLibrary& planned = plan_.libraries[index];
    const bool moved = planned.part != 0;
    if (moved && request_.runpath) {
      set_path(planned, *request_.runpath, elf::PathKind::kRunpath, "--runpath says so");
      return;
    }
    const auto old_path = path_of(inventory_.libraries[index]);
    const auto changed =
        needs_of(index, [this](const Need& need) { return direction_changed(need); });
    const std::string rebased = old_path ? rebased_path(index, *old_path) : std::string();
    const bool rebase = moved && keep_outside_ && old_path && rebased != *old_path;
    if (changed.empty() && extra.empty() && !rebase) {
      return;
    }
    // A first RUNPATH would silence the RPATH inherited so far: then it must lead to everything.
    // The old entries of one that moved lead back: what came along must be led to anew.
    const auto targets = needs_of(index, [&](const Need& need) {
      return !old_path || direction_changed(need) || (moved && is_met_by_own_path(need));
    });
    std::vector<std::string> entries;
    if (moved) {
      entries.emplace_back("$ORIGIN");
    } else if (old_path) {
      entries = split_path(*old_path);
    }
    for (const Need* need : targets) {
      add_once(entries, relative_entry(new_folder(index), new_folder(need->to)));
    }
    for (const auto& folder : extra) {
      add_once(entries, relative_entry(new_folder(index), folder));
    }
    if (moved && old_path) {
      for (const auto& entry : split_path(*old_path)) {
        if (still_leads_somewhere(entry, index)) {
          add_once(entries, rebase_entry(entry, old_folder(index), new_folder(index)));
        }
      }
    }
    set_path(planned, fmt::format("{}", fmt::join(entries, ":")), kind_for(index, old_path),
             reason(changed, extra, rebase));
  }

  /// Without a path of its own, a library whose needs other wheels meet found them through an
  /// inherited RPATH. RUNPATH would end that, RPATH does not.
  elf::PathKind kind_for(std::size_t index, const std::optional<std::string>& old_path) const {
    const bool inherits = !old_path && keep_outside_ &&
                          std::any_of(graph_.outside.begin(), graph_.outside.end(),
                                      [&](const OutsideNeed& need) { return need.from == index; });
    return inherits ? elf::PathKind::kRpath : elf::PathKind::kKeep;
  }

  std::string rebased_path(std::size_t index, const std::string& path) const {
    auto entries = split_path(path);
    for (auto& entry : entries) {
      const auto target = origin_target(entry, old_folder(index));
      if (target && !old_folders_.contains(*target)) {
        entry = rebase_entry(entry, old_folder(index), new_folder(index));
      }
    }
    return fmt::format("{}", fmt::join(entries, ":"));
  }

  bool still_leads_somewhere(const std::string& entry, std::size_t index) const {
    const auto target = origin_target(entry, old_folder(index));
    if (!target) {
      return true;  // absolute: not ours to judge
    }
    return old_folders_.contains(*target) ? new_folders_.contains(*target) : keep_outside_;
  }

  void set_path(PlannedLibrary& planned, std::string path, elf::PathKind kind, std::string why) {
    planned.edits.search_path = std::move(path);
    planned.edits.path_kind = kind;
    planned.why.push_back(std::move(why));
  }

  std::string reason(const std::vector<const Need*>& changed, const std::set<std::string>& extra,
                     bool rebase) const {
    constexpr std::size_t kShown = 2;
    std::vector<std::string> names;
    for (const Need* need : changed) {
      add_once(names, fmt::format("{}{}", need->name, need->by_dlopen ? " (dlopen)" : ""));
    }
    if (names.size() > kShown) {
      const std::size_t more = names.size() - kShown;
      names.resize(kShown);
      names.push_back(fmt::format("{} more", more));
    }
    if (!names.empty()) {
      return fmt::format("needs {}", fmt::join(names, ", "));
    }
    return !extra.empty() ? "what it loads needs more folders"
           : rebase       ? "its entries lead elsewhere from its new folder"
                          : "";
  }

  /// By a library of another wheel: then it is preloaded, and counts by its SONAME.
  bool needed_from_elsewhere(std::size_t index) const {
    return std::any_of(graph_.needs.begin(), graph_.needs.end(), [&](const Need& need) {
      return need.to == index && need.is_met() && crosses(need);
    });
  }
  bool crosses(const Need& need) const {
    return plan_.libraries[need.from].part != plan_.libraries[need.to].part;
  }

  /// The name by which other wheels open a library that nobody needs by DT_NEEDED.
  std::optional<std::string> name_opened_from_elsewhere(std::size_t index) const {
    std::set<std::string> names;
    for (const auto& need : graph_.needs) {
      if (need.to != index || !need.is_met()) {
        continue;
      }
      if (!need.by_dlopen) {
        return std::nullopt;
      }
      if (crosses(need)) {
        names.insert(need.name);
      }
    }
    return names.size() == 1 ? std::optional(*names.begin()) : std::nullopt;
  }

  void edit_soname(std::size_t index) {
    auto asked = name_asked_for(graph_, index);
    if (!asked) {
      asked = name_opened_from_elsewhere(index);
    }
    const auto& soname = inventory_.libraries[index].image.soname;
    if (asked && soname != asked) {
      plan_.libraries[index].edits.soname = *asked;
      plan_.libraries[index].why.push_back(
          fmt::format("is needed as {}, and its SONAME is {}", *asked, soname.value_or("none")));
    }
  }

  SplitPlan& plan_;
  const Inventory& inventory_;
  const NeedGraph& graph_;
  const SplitRequest& request_;
  const bool keep_outside_;  ///< entries that lead out of the wheel may lead to another one
  std::set<std::string> old_folders_;
  std::set<std::string> new_folders_;
};

}  // namespace

std::string rebase_entry(const std::string& entry, const std::string& old_folder,
                         const std::string& new_folder) {
  const auto target = origin_target(entry, old_folder);
  return target ? elf::relative_origin(absolute(new_folder), *target) : entry;
}

bool sets_rpath(const elf::Image& image, const elf::Edits& edits) {
  return edits.path_kind == elf::PathKind::kRpath ||
         (edits.path_kind == elf::PathKind::kKeep && image.rpath && !image.runpath);
}

bool is_rewritten_when_moved(const Library& library, const std::optional<std::string>& asked_name,
                             const std::string& new_folder, bool keep_outside_entries) {
  if (asked_name && library.image.soname != asked_name) {
    return true;
  }
  const auto path = path_of(library);
  if (!path || !keep_outside_entries) {
    return false;
  }
  const std::string old_folder(folder_of(library.installed_path));
  const auto entries = split_path(*path);
  return std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) {
    return origin_target(entry, old_folder) && rebase_entry(entry, old_folder, new_folder) != entry;
  });
}

void plan_edits(SplitPlan& plan, const Inventory& inventory, const NeedGraph& graph,
                const SplitRequest& request, const ExtraFolders& extra) {
  Editor editor(plan, inventory, graph, request);
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    const auto found = extra.find(i);
    editor.edit(i, found == extra.end() ? std::set<std::string>() : found->second);
  }
}

}  // namespace spokeshave
