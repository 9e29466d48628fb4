#include "src/find_problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "src/failure.h"

namespace spokeshave {

std::vector<Finding> find_problems(const Inspection& inspection,
                                   const std::vector<elf::InstalledLibrary>& set) {
  std::vector<Finding> findings;
  for (auto&& part : {find_missing(inspection), find_odd_libraries(inspection),
                      find_odd_paths(inspection, set), find_odd_relations(inspection)}) {
    findings.insert(findings.end(), part.begin(), part.end());
  }
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.kind < b.kind; });
  return findings;
}

const UnmetNeed* unmet_need_of(const Inspection& inspection, const Finding& finding) {
  if (finding.kind != FindingKind::kMissing) {
    return nullptr;
  }
  const auto& unmet = inspection.graph.unmet;
  const auto found = std::find_if(unmet.begin(), unmet.end(), [&](const UnmetNeed& need) {
    return need.name == finding.missing.front() &&
           std::find(finding.libraries.begin(), finding.libraries.end(), need.from) !=
               finding.libraries.end();
  });
  return found == unmet.end() ? nullptr : &*found;
}

std::string quoted_name(const Inspection& inspection, std::size_t library) {
  return fmt::format("`{}`", printable(inspection.libraries[library].shown));
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 3;
  // One more name is no longer than "and 1 more".
  const std::size_t shown = names.size() <= kShown + 1 ? names.size() : kShown;
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == names.size() && i > 0;
    text += i == 0 ? "" : last ? " and " : ", ";
    text += names[i];
  }
  return shown == names.size() ? text : fmt::format("{} and {} more", text, names.size() - shown);
}

std::string some_libraries(const Inspection& inspection,
                           const std::vector<std::size_t>& libraries) {
  std::vector<std::string> names;
  names.reserve(libraries.size());
  for (const std::size_t library : libraries) {
    names.push_back(quoted_name(inspection, library));
  }
  return some_of(names);
}

}  // namespace spokeshave
