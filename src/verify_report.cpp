#include "src/verify_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/comparison_report.h"
#include "src/failure.h"
#include "src/size.h"
#include "wheel/counted.h"

namespace spokeshave {

namespace {

constexpr std::size_t kHintsShown = 5;

std::string wheel_lines(const Verification& verification, const Style& style) {
  std::string text;
  for (std::size_t i = 0; i < verification.wheels.size(); ++i) {
    const VerifiedWheel& wheel = verification.wheels[i];
    const std::string number =
        verification.wheels.size() > 1 ? fmt::format("[{}] ", i + 1) : std::string();
    if (!wheel.is_open) {
      text += fmt::format("{}{}: not looked into, as it cannot be opened\n", number,
                          style.bold(printable(wheel.file_name)));
      continue;
    }
    text += fmt::format("{}{}  {} packed  {} installed  {}, {}\n", number,
                        style.bold(printable(wheel.name + " " + wheel.version)),
                        format_size(wheel.packed_bytes), format_size(wheel.installed_bytes),
                        wheel::counted(wheel.members, "file", "files"),
                        wheel::counted(wheel.libraries, "library", "libraries"));
  }
  return text;
}

std::string what_was_checked(const Verification& verification) {
  const char* where = verification.layout == Layout::kSeparate ? "with a folder for each wheel"
                                                               : "with all in one folder";
  std::string text = fmt::format("checked: {} against RECORD; {} met {}",
                                 wheel::counted(verification.hashes, "file", "files"),
                                 wheel::counted(verification.needs_met, "need", "needs"), where);
  if (verification.index_rules) {
    text += "; the rules of PyPI and uv";
  }
  if (verification.against && verification.against->deeply) {
    text += fmt::format("; {} with LIEF",
                        wheel::counted(*verification.against->deeply, "library", "libraries"));
  }
  return wrapped(text, kColumns, "  ") + "\n";
}

/// What to do, each way once.
std::string hints(const Verification& verification) {
  std::string text;
  std::set<std::string> told;
  for (const auto& finding : verification.findings) {
    if (finding.is_finding() && !finding.way_out.empty() && told.size() < kHintsShown &&
        told.insert(finding.way_out).second) {
      text += wrapped("hint: " + printable(finding.way_out), kColumns, "  ") + "\n";
    }
  }
  return text;
}

std::string result_line(const Verification& verification, const Style& style) {
  const std::size_t findings = verification.count(Severity::kFinding);
  const std::size_t notes = verification.count(Severity::kNote);
  std::string line =
      findings == 0 ? "no findings" : style.red(wheel::counted(findings, "finding", "findings"));
  if (notes > 0) {
    line += ", " + wheel::counted(notes, "note", "notes");
  }
  return line + "\n";
}

}  // namespace

std::string verify_findings(const Verification& verification, bool with_notes, const Style& style) {
  std::string text;
  for (const auto& finding : verification.findings) {
    if (finding.is_finding() || with_notes) {
      const std::string line = finding_line(verification, finding);
      const std::size_t rule = line.rfind(" [");
      text += line.substr(0, rule + 1) +
              (finding.is_finding() ? style.red(line.substr(rule + 1))
                                    : style.dim(line.substr(rule + 1))) +
              "\n";
    }
  }
  return text;
}

std::string verify_text(const Verification& verification, const Style& style) {
  std::string text = verify_findings(verification, true, style);
  const auto gap = [&] { return text.empty() ? "" : "\n"; };
  if (verification.against) {
    text += gap() + comparison_text(*verification.against, style);
  }
  text += gap() + wheel_lines(verification, style);
  text += what_was_checked(verification);
  text += result_line(verification, style);
  return text + hints(verification);
}

}  // namespace spokeshave
