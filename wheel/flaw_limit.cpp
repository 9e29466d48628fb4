#include "wheel/flaw_limit.h"

namespace wheel {

void FlawLimit::tell(const Flaw& flaw) {
  if (++counts_[flaw.rule] <= kFlawsPerRule) {
    found_(flaw);
  }
}

void FlawLimit::tell_rest() {
  for (const auto& [rule, count] : counts_) {
    if (count > kFlawsPerRule) {
      found_({.rule = rule,
              .member = "",
              .what = "and " + std::to_string(count - kFlawsPerRule) + " more of the same kind"});
    }
  }
  counts_.clear();
}

}  // namespace wheel
