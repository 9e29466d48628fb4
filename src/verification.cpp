#include "src/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "src/failure.h"

namespace spokeshave {

namespace {

constexpr const char* kGetAgain =
    "get the wheel again from where it came from; a change that is meant needs a new RECORD";
constexpr const char* kNewRecord =
    "get the wheel again from where it came from; or, once it is known why RECORD and the files "
    "differ, have `wheel unpack` and `wheel pack` write RECORD anew";

constexpr std::array<std::pair<std::string_view, const char*>, 14> kWaysOut = {{
    {"record-hash", kGetAgain},
    {"record-size", kGetAgain},
    {"member-crc", kGetAgain},
    {"member-data", kGetAgain},
    {"zip-structure", "get the wheel again from where it came from, or have it built again"},
    {"record-unlisted", kNewRecord},
    {"record-missing-member", kNewRecord},
    {"record-missing", kNewRecord},
    {"record-no-hash", kNewRecord},
    {"record-hash-kind", kNewRecord},
    {"record-duplicate", kNewRecord},
    {"elf-unreadable", "build the library again, or get it again from where it came from"},
    {"member-lost", "name all the wheels that the original was split into"},
    {"not-the-same-wheel", "name the wheel that ORIGINAL became, with all that were split off"},
}};

constexpr std::size_t kPlacesShown = 4;  // in a line; JSON has them all

std::string places(const VerifyFinding& finding) {
  std::string text;
  const std::size_t shown = std::min(finding.tried.size(), kPlacesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const TriedPlace& place = finding.tried[i];
    text += fmt::format("{} {} ({})", i == 0 ? "; looked for" : ",", printable(place.path),
                        printable(place.why_not));
  }
  const std::size_t more = finding.tried.size() - shown + finding.not_listed;
  return more == 0 ? text : fmt::format("{} and {} more", text, more);
}

}  // namespace

std::size_t Verification::count(Severity severity) const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [&](const VerifyFinding& finding) { return finding.severity == severity; }));
}

bool Verification::all_open() const {
  return std::all_of(wheels.begin(), wheels.end(),
                     [](const VerifiedWheel& wheel) { return wheel.is_open; });
}

const std::string& file_of(const Verification& verification, const VerifyFinding& finding) {
  return finding.wheel ? verification.wheels[*finding.wheel].file_name
                       : verification.against->file_name;
}

std::string finding_line(const Verification& verification, const VerifyFinding& finding) {
  std::string line = finding.is_finding() ? "" : "note: ";
  line += printable(file_of(verification, finding)) + ": ";
  if (!finding.member.empty()) {
    line += printable(finding.member) + ": ";
  }
  line += printable(finding.what) + places(finding);
  if (!finding.refused_by.empty()) {
    line += fmt::format(" (refused by {})", finding.refused_by);
  }
  return line + fmt::format(" [{}]", finding.rule);
}

std::string way_out_of(const std::string& rule) {
  const auto* const found = std::find_if(kWaysOut.begin(), kWaysOut.end(),
                                         [&](const auto& known) { return known.first == rule; });
  return found == kWaysOut.end() ? std::string() : found->second;
}

}  // namespace spokeshave
