#include "src/verify_loading.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/find_problems.h"

namespace spokeshave {

namespace {

/// Whether all that a finding tells is so in the original too.
bool is_old(const Inspection& inspection, const Finding& missing,
            const std::set<NeedKey>& missed_before) {
  const auto has = [](const auto& list, const auto& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  const auto& unmet = inspection.graph.unmet;
  return std::all_of(unmet.begin(), unmet.end(), [&](const UnmetNeed& need) {
    return !has(missing.missing, need.name) || !has(missing.libraries, need.from) ||
           missed_before.contains({need.from, need.name});
  });
}

}  // namespace

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
                   const std::set<NeedKey>& missed_before, Verification& verification) {
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
    const bool old = is_old(inspection, missing, missed_before);
    VerifyFinding finding{.rule = "library-missing",
                          .severity = old ? Severity::kNote : Severity::kFinding,
                          .wheel = numbers[needer.wheel],
                          .member = needer.library->member,
                          .what = fmt::format("{}: {}{}", missing.what, missing.consequence,
                                              old ? "; so it is in the original" : ""),
                          .way_out = missing.way_out};
    if (const UnmetNeed* need = unmet_need_of(inspection, missing)) {
      finding.tried = tried_places(inspection, need->tried.attempts);
      finding.not_listed = need->tried.not_listed;
    }
    verification.findings.push_back(std::move(finding));
  }
}

}  // namespace spokeshave
