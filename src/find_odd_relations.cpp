#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "elf/load_order.h"
#include "src/failure.h"
#include "src/find_problems.h"
#include "wheel/filename.h"

namespace spokeshave {

namespace {

std::string quoted_wheel(const Inspection& inspection, std::size_t wheel) {
  return fmt::format("`{}`", printable(inspection.wheels[wheel].name));
}

void find_same_sonames(const Inspection& inspection, std::vector<Finding>& findings) {
  std::map<std::string, std::vector<std::size_t>> by_soname;
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    if (const auto& soname = inspection.libraries[i].library->image.soname) {
      by_soname[*soname].push_back(i);
    }
  }
  for (const auto& [soname, libraries] : by_soname) {
    std::set<std::size_t> wheels;
    std::vector<std::string> names;
    for (const std::size_t library : libraries) {
      if (wheels.insert(inspection.libraries[library].wheel).second) {
        names.push_back(quoted_wheel(inspection, inspection.libraries[library].wheel));
      }
    }
    if (names.size() > 1) {
      findings.push_back(
          {FindingKind::kSameSoname, libraries,
           fmt::format("`{}` is in {} wheels: {}", printable(soname), names.size(), some_of(names)),
           "the one that is loaded first serves all who need that name, also those "
           "that were built with another",
           "see that they are of one version, or rename one, as auditwheel does"});
    }
  }
}

void find_cycles(const Inspection& inspection, std::vector<Finding>& findings) {
  const auto needs = inspection.graph.adjacency(inspection.libraries.size(), false);
  for (const auto& group : elf::strongly_connected_groups(needs)) {
    if (group.size() > 1) {
      findings.push_back(
          {FindingKind::kCycle, group,
           fmt::format("{} need each other in a circle", some_libraries(inspection, group)),
           "no order loads each of them after all that it needs, so none can be loaded beforehand "
           "but together with the others",
           "keep them in one folder, as split does, and open one: the loader brings the others"});
    }
  }
}

/// For each wheel, those of the set that installing it brings: what it requires, and what that
/// requires.
std::vector<std::set<std::size_t>> brought_by_requirements(const Inspection& inspection) {
  std::map<std::string, std::set<std::size_t>> by_name;
  for (std::size_t i = 0; i < inspection.wheels.size(); ++i) {
    by_name[wheel::normalise_name(inspection.wheels[i].name)].insert(i);
  }
  std::vector<std::set<std::size_t>> brought(inspection.wheels.size());
  for (std::size_t wheel = 0; wheel < inspection.wheels.size(); ++wheel) {
    std::vector<std::size_t> open = {wheel};
    brought[wheel] = {wheel};
    while (!open.empty()) {
      const std::size_t next = open.back();
      open.pop_back();
      for (const auto& name : inspection.wheels[next].requirements) {
        for (const std::size_t required : by_name[name]) {
          if (brought[wheel].insert(required).second) {
            open.push_back(required);
          }
        }
      }
    }
  }
  return brought;
}

void find_undeclared_wheels(const Inspection& inspection, std::vector<Finding>& findings) {
  const auto brought = brought_by_requirements(inspection);
  // (wheel that needs, wheel that is needed) -> the library that is needed, those that need it.
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>> undeclared;
  for (const auto& need : inspection.graph.needs) {
    const std::size_t from = inspection.libraries[need.from].wheel;
    const std::size_t to = inspection.libraries[need.to].wheel;
    if (!need.by_dlopen && !brought[from].contains(to)) {
      auto& libraries = undeclared[{from, to}];
      for (const std::size_t library : {need.to, need.from}) {
        if (std::find(libraries.begin(), libraries.end(), library) == libraries.end()) {
          libraries.push_back(library);
        }
      }
    }
  }
  for (const auto& [wheels, libraries] : undeclared) {
    const std::string from = quoted_wheel(inspection, wheels.first);
    const std::string to = quoted_wheel(inspection, wheels.second);
    findings.push_back({FindingKind::kUndeclaredWheel, libraries,
                        fmt::format("{} of {} needs {} of {}, which no Requires-Dist names",
                                    quoted_name(inspection, libraries[1]), from,
                                    quoted_name(inspection, libraries[0]), to),
                        fmt::format("an installation of {} alone lacks it", from),
                        fmt::format("add `Requires-Dist: {}` to the METADATA of {}",
                                    printable(inspection.wheels[wheels.second].name), from)});
  }
}

}  // namespace

std::vector<Finding> find_odd_relations(const Inspection& inspection) {
  std::vector<Finding> findings;
  find_same_sonames(inspection, findings);
  find_cycles(inspection, findings);
  find_undeclared_wheels(inspection, findings);
  return findings;
}

}  // namespace spokeshave
