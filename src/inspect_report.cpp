#include "src/inspect_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/failure.h"
#include "src/size.h"

namespace spokeshave {

namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kAttemptsShown = 8;

/// `label: text`, wrapped, the later lines under the first letter of the text.
std::string paragraph(const std::string& indent, const std::string& label,
                      const std::string& text) {
  const std::string under(indent.size() + label.size(), ' ');
  return wrapped(indent + label + text, kColumns, under) + "\n";
}

const UnmetNeed* unmet_need_of(const Inspection& inspection, const Finding& finding) {
  if (finding.kind != FindingKind::kMissing) {
    return nullptr;
  }
  const auto& unmet = inspection.graph.unmet;
  const auto found = std::find_if(unmet.begin(), unmet.end(), [&](const UnmetNeed& need) {
    return need.name == finding.missing &&
           std::find(finding.libraries.begin(), finding.libraries.end(), need.from) !=
               finding.libraries.end();
  });
  return found == unmet.end() ? nullptr : &*found;
}

std::string attempts_text(const Inspection& inspection, const UnmetNeed& need, const Style& style) {
  if (need.attempts.empty()) {
    return {};
  }
  std::string text = "  looked for, in this order:\n";
  for (std::size_t i = 0; i < std::min(need.attempts.size(), kAttemptsShown); ++i) {
    const auto& attempt = need.attempts[i];
    text += style.dim(paragraph(
        "    ", "",
        fmt::format("{}: {}", shown_path(inspection, attempt.path), printable(attempt.why_not))));
  }
  if (need.attempts.size() > kAttemptsShown) {
    text += fmt::format("    and {} more places; --json has them all\n",
                        need.attempts.size() - kAttemptsShown);
  }
  return text;
}

}  // namespace

std::string wheel_summary(const Inspection& inspection, const Style& style) {
  std::size_t longest = 0;
  std::vector<std::string> names;
  for (const auto& wheel : inspection.wheels) {
    names.push_back(wheel_words(wheel));
    longest = std::max(longest, names.back().size());
  }
  constexpr std::size_t kMostWidth = 34;  // leaves room for the numbers in 80 columns
  longest = std::min(longest, kMostWidth);
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& wheel = inspection.wheels[i];
    const std::string number =
        names.size() > 1 ? fmt::format("{:>4} ", fmt::format("[{}]", i + 1)) : "";
    const std::size_t count = wheel.inventory.libraries.size();
    text +=
        fmt::format("{}{}{} {:>8} packed {:>8} installed {:>3} {}\n", number, style.bold(names[i]),
                    std::string(longest - std::min(longest, names[i].size()), ' '),
                    format_size(wheel.packed_bytes), format_size(wheel.inventory.installed_bytes),
                    count, count == 1 ? "library" : "libraries");
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
