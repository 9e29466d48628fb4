#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/failure.h"
#include "src/member_stage.h"
#include "src/split_draft.h"
#include "src/split_plan.h"
#include "src/split_proof.h"
#include "src/style.h"

// What `split` says, as text of 80 columns and as JSON.
namespace spokeshave {

/// A wheel before it is split.
struct SplitSubject {
  std::string file_name;
  Weight size;
};

/// The plan: the wheels with their libraries and sizes against the limits, what is rewritten and
/// why, the preload order, what the user should know.
std::string plan_text(const SplitSubject& subject, const Inventory& inventory,
                      const SplitPlan& plan, const Style& style);

/// Why no split is possible, and what it would take: as the three lines of a Failure.
Failure impossible_failure(const SplitSubject& subject, const ImpossibleSplit& why);

/// After the wheels are written: their paths and exact sizes, what was proved, how to install them.
std::string result_text(const std::vector<std::string>& paths,
                        const std::vector<WheelDraft>& drafts, const SplitPlan& plan,
                        const SplitProof& proof, const Style& style);

/// The whole as one JSON document, `"schema": 1`. Without `drafts`, `stage` and `proof`: a dry run.
struct SplitResult {
  const std::vector<std::string>* paths = nullptr;
  const std::vector<WheelDraft>* drafts = nullptr;
  const Stage* stage = nullptr;
  const SplitProof* proof = nullptr;
};
std::string split_json(const SplitSubject& subject, const Inventory& inventory,
                       const SplitPlan& plan, const SplitResult& result);
/// Of a wheel that is within the limit already: no wheels are to be made.
std::string within_limit_json(const SplitSubject& subject, const Limit& limit);
std::string impossible_json(const SplitSubject& subject, const ImpossibleSplit& why);

}  // namespace spokeshave
