#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "elf/load_order.h"
#include "src/failure.h"
#include "src/find_problems.h"
#include "src/required_wheels.h"

namespace spokeshave {

namespace {

std::string quoted_wheel(const Inspection& inspection, std::size_t wheel) {
  return fmt::format("`{}`", printable(inspection.wheels[wheel].name));
}

void find_same_sonames(const Inspection& inspection, std::vector<Finding>& findings) {
  std::set<std::string> needed;
  for (const auto& entry : inspection.libraries) {
    needed.insert(entry.library->image.needed.begin(), entry.library->image.needed.end());
  }
  std::map<std::string, std::vector<std::size_t>> by_soname;
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    const auto& soname = inspection.libraries[i].library->image.soname;
    if (soname && needed.contains(*soname)) {
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

/// Two wheels whose files overwrite each other when both are installed into one folder.
void find_same_paths(const Inspection& inspection, std::vector<Finding>& findings) {
  std::map<std::string, std::vector<std::size_t>> by_path;
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    by_path[inspection.libraries[i].library->installed_path].push_back(i);
  }
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>> clashes;  // of two wheels
  for (const auto& [path, libraries] : by_path) {
    for (std::size_t k = 1; k < libraries.size(); ++k) {
      auto& clash = clashes[{inspection.libraries[libraries.front()].wheel,
                             inspection.libraries[libraries[k]].wheel}];
      clash.push_back(libraries[k]);
    }
  }
  for (const auto& [wheels, libraries] : clashes) {
    findings.push_back(
        {FindingKind::kSamePath, libraries,
         fmt::format("{} and {} both bring {}", quoted_wheel(inspection, wheels.first),
                     quoted_wheel(inspection, wheels.second),
                     some_libraries(inspection, libraries)),
         fmt::format("in one folder the wheel that is installed last overwrites the other's; what "
                     "is said here is true of those of {}",
                     quoted_wheel(inspection, wheels.first)),
         "install one of the two"});
  }
}

void find_undeclared_wheels(const Inspection& inspection, std::vector<Finding>& findings) {
  const auto required = required_wheels(inspection.wheels);
  const auto brings = [&](std::size_t wheel, std::size_t other) {
    return std::find(required[wheel].begin(), required[wheel].end(), other) !=
           required[wheel].end();
  };
  // (wheel that needs, wheel that is needed) -> the library that is needed, those that need it.
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>> undeclared;
  for (const auto& need : inspection.graph.needs) {
    const std::size_t from = inspection.libraries[need.from].wheel;
    const std::size_t to = inspection.libraries[need.to].wheel;
    if (!need.by_dlopen && !brings(from, to)) {
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
  if (inspection.loader == elf::LoaderKind::kGlibc) {  // musl compares no SONAME
    find_same_sonames(inspection, findings);
  }
  if (inspection.layout == Layout::kSitePackages) {
    find_same_paths(inspection, findings);
  }
  find_cycles(inspection, findings);
  find_undeclared_wheels(inspection, findings);
  return findings;
}

}  // namespace spokeshave
