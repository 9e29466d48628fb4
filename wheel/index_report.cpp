#include "wheel/index_report.h"

#include "wheel/utf8.h"

namespace wheel {

IndexReport::IndexReport(const IndexFlawSink& found)
    : limit_([this, found](const Flaw& flaw) {
        const Refusal& refusal = refusals_.find(flaw.rule)->second;
        found({.flaw = flaw, .kind = refusal.kind, .refused_by = std::string(refusal.refused_by)});
      }) {}

void IndexReport::tell(const Refusal& refusal, std::string_view member, const std::string& what) {
  const std::string rule(refusal.rule);
  refusals_.insert_or_assign(rule, refusal);
  limit_.tell({.rule = rule,
               .member = is_printable(member) ? std::string(member) : escaped(member),
               .what = what});
}

}  // namespace wheel
