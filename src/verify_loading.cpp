#include "src/verify_loading.h"

#include <algorithm>

#include "src/find_problems.h"

namespace spokeshave {

std::vector<TriedPlace> tried_places(const Inspection& inspection,
                                     const std::vector<elf::Attempt>& attempts) {
  std::vector<TriedPlace> places;
  places.reserve(attempts.size());
  for (const auto& attempt : attempts) {
    places.push_back(
        {rule_name(attempt.rule), shown_path(inspection, attempt.path), attempt.why_not});
  }
  return places;
}

void check_loading(const Inspection& inspection, const std::vector<std::size_t>& numbers,
                   Verification& verification) {
  verification.loader = inspection.loader;
  const auto& graph = inspection.graph;
  verification.needs_met =
      graph.outside.size() +
      static_cast<std::size_t>(std::count_if(graph.needs.begin(), graph.needs.end(),
                                             [](const Need& need) { return need.is_met(); }));
  for (const auto& missing : inspection.findings) {
    if (missing.kind != FindingKind::kMissing) {
      continue;
    }
    const auto& needer = inspection.libraries[missing.libraries.front()];
    VerifyFinding finding{.rule = "library-missing",
                          .wheel = numbers[needer.wheel],
                          .member = needer.library->member,
                          .what = missing.what + ": " + missing.consequence,
                          .way_out = missing.way_out};
    if (const UnmetNeed* need = unmet_need_of(inspection, missing)) {
      finding.tried = tried_places(inspection, need->tried.attempts);
      finding.not_listed = need->tried.not_listed;
    }
    verification.findings.push_back(std::move(finding));
  }
}

}  // namespace spokeshave
