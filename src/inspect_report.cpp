#include "src/inspect_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/failure.h"
#include "src/find_problems.h"
#include "src/size.h"

namespace spokeshave {

namespace {

constexpr std::size_t kAttemptsShown = 8;

/// `listed` of the places that are not shown stand in the JSON document.
std::string more_places(std::size_t listed, std::size_t not_listed) {
  const std::size_t more = listed + not_listed;
  if (more == 0) {
    return {};
  }
  std::string text =
      more == 1 ? "    and 1 more place" : fmt::format("    and {} more places", more);
  if (not_listed == 0) {
    text += more == 1 ? "; --json has it" : "; --json has them all";
  } else if (listed != 0) {
    text += fmt::format("; --json has {} of them", listed);
  }
  return text + "\n";
}

std::string attempts_text(const Inspection& inspection, const UnmetNeed& need, const Style& style) {
  const auto& attempts = need.tried.attempts;
  if (attempts.empty()) {
    return {};
  }
  std::string text = "  looked for, in this order:\n";
  for (std::size_t i = 0; i < std::min(attempts.size(), kAttemptsShown); ++i) {
    const auto& attempt = attempts[i];
    text += style.dim(paragraph(
        "    ", "",
        fmt::format("{}: {}", shown_path(inspection, attempt.path), printable(attempt.why_not))));
  }
  return text + more_places(attempts.size() - std::min(attempts.size(), kAttemptsShown),
                            need.tried.not_listed);
}

}  // namespace

std::string wheel_summary(const Inspection& inspection, const Style& style) {
  if (inspection.wheels.size() == 1) {
    const InspectedWheel& wheel = inspection.wheels.front();
    const std::size_t count = wheel.inventory.libraries.size();
    return fmt::format("{}  {} packed  {} installed  {} {}\n", style.bold(wheel_words(wheel)),
                       format_size(wheel.packed_bytes),
                       format_size(wheel.inventory.installed_bytes), count,
                       count == 1 ? "library" : "libraries");
  }
  std::string text = style.dim(fmt::format("{:>4} {:>9} {:>9} {:>9}  {}", "", "packed", "installed",
                                           "libraries", "wheel")) +
                     "\n";
  for (std::size_t i = 0; i < inspection.wheels.size(); ++i) {
    const InspectedWheel& wheel = inspection.wheels[i];
    text +=
        fmt::format("{:>4} {:>9} {:>9} {:>9}  {}\n", fmt::format("[{}]", i + 1),
                    format_size(wheel.packed_bytes), format_size(wheel.inventory.installed_bytes),
                    wheel.inventory.libraries.size(), style.bold(wheel_words(wheel)));
  }
  return text;
}

std::string finding_list(const Inspection& inspection, const Style& style) {
  std::string text;
  for (const auto& finding : inspection.findings) {
    const bool problem = is_problem(finding.kind);
    const std::string label = problem ? "problem: " : "warning: ";
    std::string head = paragraph("", label, finding.what);
    head.replace(0, label.size(), problem ? style.red(label) : style.bold(label));
    text += "\n" + head;
    text += paragraph("  ", "so: ", finding.consequence);
    if (const UnmetNeed* need = unmet_need_of(inspection, finding)) {
      text += attempts_text(inspection, *need, style);
    }
    text += paragraph("  ", "do: ", finding.way_out);
  }
  return text;
}

}  // namespace spokeshave
