#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <set>

#include "src/failure.h"
#include "src/find_problems.h"
#include "src/glob.h"
#include "src/unfindable.h"

namespace spokeshave {

namespace {

/// What is missed together: by an import each library by itself, by a program or by something that
/// nobody opens all that it misses.
struct Group {
  LoadedBy by = LoadedBy::kNobody;
  std::size_t opened = 0;
  std::vector<const UnmetNeed*> needs;
};

/// Which libraries do not load because another does not.
class Failures {
 public:
  explicit Failures(const NeedGraph& graph) {
    for (const auto& need : graph.unmet) {
      for (const std::size_t reason : need.failed_before) {
        fail_with_[reason].push_back(need.from);
      }
    }
  }

  /// What fails with those of `failed`, directly or not, and is not among them.
  std::vector<std::size_t> dragged_down(const std::vector<std::size_t>& failed) const {
    std::set<std::size_t> all(failed.begin(), failed.end());
    std::vector<std::size_t> order = failed;
    for (std::size_t next = 0; next < order.size(); ++next) {
      const auto follow = fail_with_.find(order[next]);
      if (follow == fail_with_.end()) {
        continue;
      }
      std::copy_if(follow->second.begin(), follow->second.end(), std::back_inserter(order),
                   [&](const std::size_t library) { return all.insert(library).second; });
    }
    return {order.begin() + static_cast<std::ptrdiff_t>(failed.size()), order.end()};
  }

 private:
  std::map<std::size_t, std::vector<std::size_t>> fail_with_;
};

/// Needs that fail for no other reason than that nobody finds what they name. And those that
/// fail in a circle, each for the other's sake.
class Groups {
 public:
  explicit Groups(const NeedGraph& graph, const Failures& failures) {
    std::vector<std::size_t> needers;
    for (const auto& need : graph.unmet) {
      if (need.failed_before.empty()) {
        add(need);
        needers.push_back(need.from);
      }
    }
    std::vector<std::size_t> dragged = failures.dragged_down(needers);
    std::set<std::size_t> explained(needers.begin(), needers.end());
    explained.insert(dragged.begin(), dragged.end());
    for (const auto& need : graph.unmet) {
      if (!need.failed_before.empty() && !explained.contains(need.from)) {
        add(need);
      }
    }
  }

  /// Those of imports first, then those of programs; within these as they were found.
  std::vector<Group> in_order() const {
    std::vector<Group> groups = groups_;
    std::stable_sort(groups.begin(), groups.end(),
                     [](const Group& a, const Group& b) { return a.by < b.by; });
    return groups;
  }

 private:
  void add(const UnmetNeed& need) {
    add(need, need.opened);
    for (const std::size_t program : need.other_programs) {
      add(need, program);
    }
  }

  void add(const UnmetNeed& need, std::size_t opened) {
    const std::string what =
        need.loaded_by == LoadedBy::kImport ? need.name : std::to_string(opened);
    const auto [known, is_new] =
        numbers_.try_emplace(std::pair(need.loaded_by, what), groups_.size());
    if (is_new) {
      groups_.push_back({need.loaded_by, opened, {}});
    }
    groups_[known->second].needs.push_back(&need);
  }

  std::vector<Group> groups_;
  std::map<std::pair<LoadedBy, std::string>, std::size_t> numbers_;
};

std::vector<std::size_t> needers(const Group& group) {
  std::vector<std::size_t> from;
  for (const auto* need : group.needs) {
    if (std::find(from.begin(), from.end(), need->from) == from.end()) {
      from.push_back(need->from);
    }
  }
  return from;
}

/// Each name once, as it stands in the file.
std::vector<std::string> names(const Group& group) {
  std::vector<std::string> found;
  for (const auto* need : group.needs) {
    if (std::find(found.begin(), found.end(), need->name) == found.end()) {
      found.push_back(need->name);
    }
  }
  return found;
}

std::vector<std::string> quoted(std::vector<std::string> names) {
  for (auto& name : names) {
    name = fmt::format("`{}`", printable(name));
  }
  return names;
}

/// The kind of path that is to lead there: a RUNPATH would silence the RPATH that a library has.
const char* path_of(const Library& library) {
  return library.image.rpath && !library.image.runpath ? "RPATH" : "RUNPATH";
}

std::string way_out(const Inspection& inspection, const Group& group) {
  const UnmetNeed& need = *group.needs.front();
  if (is_unfindable(need)) {
    const auto [why, way_out] = explain_unfindable(inspection, need);
    return fmt::format("{}: {}", why, way_out);
  }
  const auto& bearer = inspection.libraries[need.bearers.front()];
  const std::string it_is =
      fmt::format("{} of `{}` is {}", printable(bearer.library->installed_path),
                  wheel_words(inspection.wheels[bearer.wheel]),
                  names(group).size() == 1 ? "it" : "the first of them");
  if (inspection.layout == Layout::kSitePackages) {
    return fmt::format("{}, where no path leads: add its folder to the {} of {}", it_is,
                       path_of(*inspection.libraries[need.from].library),
                       quoted_name(inspection, need.from));
  }
  const char* where = "where no path leads from a folder of its own";
  if (group.by == LoadedBy::kProgram) {
    return fmt::format("{}, {}: start the program with LD_LIBRARY_PATH", it_is, where);
  }
  return inspection.loader == elf::LoaderKind::kMusl
             ? fmt::format("{}, {}: install the wheels into one folder", it_is, where)
             : fmt::format("{}, {}: load it before what needs it", it_is, where);
}

Finding missing_in_import(const Inspection& inspection, const Failures& failures,
                          const Group& group) {
  const std::vector<std::size_t> from = needers(group);
  const auto dragged = failures.dragged_down(from);
  Finding finding;
  finding.what = fmt::format("{} will be missing", quoted(names(group)).front());
  finding.libraries = from;
  finding.libraries.insert(finding.libraries.end(), dragged.begin(), dragged.end());
  const char* verb = from.size() == 1 ? "needs it and does" : "need it and do";
  finding.consequence = fmt::format("{} {} not load", some_libraries(inspection, from), verb);
  if (!dragged.empty()) {
    finding.consequence += fmt::format(", nor then {}", some_libraries(inspection, dragged));
  }
  finding.consequence += ": the import fails";
  return finding;
}

/// Of a library that no import or program is known to load.
std::string nobodys_loss(const Inspection& inspection, const Group& group) {
  const auto& needs = inspection.graph.needs;
  const auto opener = std::find_if(needs.begin(), needs.end(), [&](const Need& need) {
    return need.by_dlopen && need.to == group.opened;
  });
  if (opener != needs.end()) {
    return fmt::format("it does not load by itself, nor where {} opens it by dlopen",
                       quoted_name(inspection, opener->from));
  }
  return "it does not load by itself; no import or program that is known loads it, so this matters "
         "only to code that is not here";
}

Finding missing_elsewhere(const Inspection& inspection, const Group& group) {
  Finding finding;
  const bool program = group.by == LoadedBy::kProgram;
  finding.libraries = {group.opened};
  for (const std::size_t library : needers(group)) {
    if (library != group.opened) {
      finding.libraries.push_back(library);
    }
  }
  finding.what = fmt::format("{} will be missing for {}", some_of(quoted(names(group))),
                             quoted_name(inspection, group.opened));
  finding.consequence = program ? "the program does not start" : nobodys_loss(inspection, group);
  return finding;
}

}  // namespace

std::vector<Finding> find_missing(const Inspection& inspection) {
  const Failures failures(inspection.graph);
  std::vector<Finding> findings;
  for (const Group& group : Groups(inspection.graph, failures).in_order()) {
    Finding finding = group.by == LoadedBy::kImport ? missing_in_import(inspection, failures, group)
                                                    : missing_elsewhere(inspection, group);
    finding.kind = FindingKind::kMissing;
    finding.missing = names(group);
    finding.way_out = way_out(inspection, group);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace spokeshave
