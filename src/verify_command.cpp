#include "src/verify_command.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "src/inspection.h"
#include "src/open_wheel.h"
#include "src/talk.h"
#include "src/verification.h"
#include "src/verify_against.h"
#include "src/verify_deep.h"
#include "src/verify_json.h"
#include "src/verify_loading.h"
#include "src/verify_report.h"
#include "src/verify_whole.h"

namespace spokeshave {

namespace {

/// Would not be told before everything was read.
void refuse_versions_of_one(const std::vector<Candidate>& candidates) {
  std::vector<std::string> paths;
  std::vector<std::string> names;
  for (const auto& candidate : candidates) {
    if (candidate.file) {
      paths.push_back(candidate.path);
      names.push_back(candidate.file->filename.distribution);
    }
  }
  refuse_same_distribution(paths, names, "verify them one at a time");
}

/// The candidates that are open, by number.
std::vector<std::size_t> numbers_of(const std::vector<Candidate>& candidates) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].file) {
      numbers.push_back(i);
    }
  }
  return numbers;
}

/// The needs that the original does not meet either.
std::set<NeedKey> compare(const VerifyOptions& options, const std::vector<Candidate>& candidates,
                          const Inspection& inspection, Progress& progress,
                          Verification& verification) {
  if (!options.against || !verification.all_open()) {
    return {};  // what is in the others is not known; the report says that they are not open
  }
  ComparedSet set{{}, inspection, numbers_of(candidates)};
  for (const auto& candidate : candidates) {
    set.files.push_back(&*candidate.file);
  }
  const Original original =
      compare_with_original(*options.against, set, options.talk.jobs, progress, verification);
  if (options.deep) {
    compare_libraries_deeply(original, set, progress, verification);
  }
  return judge_comparison(original, set, verification);
}

/// By wheel, each wheel's as they were found, what is said of the original behind all.
void put_in_order(std::vector<VerifyFinding>& findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const VerifyFinding& a, const VerifyFinding& b) {
                     constexpr std::size_t kLast = std::numeric_limits<std::size_t>::max();
                     return a.wheel.value_or(kLast) < b.wheel.value_or(kLast);
                   });
}

void add_ways_out(std::vector<VerifyFinding>& findings) {
  for (auto& finding : findings) {
    if (finding.way_out.empty()) {
      finding.way_out = way_out_of(finding.rule);
    }
  }
}

std::string render(const Verification& verification, const TalkOptions& talk) {
  if (talk.json) {
    return verify_json(verification);
  }
  const Style style = output_style(talk);
  return talk.quiet ? verify_findings(verification, false, style)
                    : verify_text(verification, style);
}

}  // namespace

ExitCode run_verify(const VerifyOptions& options) {
  if (options.deep) {
    check_can_compare_deeply();
  }
  Progress progress(wants_progress(options.talk));
  Verification verification;
  verification.layout = options.layout;
  verification.index_rules = options.index_rules;
  const auto candidates = open_candidates(options, verification);
  refuse_versions_of_one(candidates);
  const Inspection inspection =
      inspect(check_members(candidates, options.talk.jobs, progress, verification), options.layout);
  const auto missed_before = compare(options, candidates, inspection, progress, verification);
  check_loading(inspection, numbers_of(candidates), missed_before, verification);
  progress.clear();
  put_in_order(verification.findings);
  add_ways_out(verification.findings);
  print(render(verification, options.talk));
  return verification.count(Severity::kFinding) > 0 ? ExitCode::kFound : ExitCode::kDone;
}

}  // namespace spokeshave
