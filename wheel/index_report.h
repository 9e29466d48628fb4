#pragma once

#include <map>
#include <string>
#include <string_view>

#include "wheel/flaw_limit.h"
#include "wheel/index_rules.h"

namespace wheel {

/// One rule of an index or an installer.
struct Refusal {
  std::string_view rule;
  std::string_view refused_by;
  IndexRule kind = IndexRule::kForm;
};

/// Takes what is found against the rules and passes it on as IndexFlaws, of each rule the first
/// hundred.
class IndexReport {
 public:
  explicit IndexReport(const IndexFlawSink& found);

  /// `member` may be any bytes; it is told as escaped() where it is no printable UTF-8.
  void tell(const Refusal& refusal, std::string_view member, const std::string& what);
  void tell_rest() { limit_.tell_rest(); }

 private:
  std::map<std::string, Refusal, std::less<>> refusals_;  ///< the last one told of each rule
  FlawLimit limit_;
};

}  // namespace wheel
