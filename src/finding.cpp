#include "src/finding.h"

#include <array>
#include <utility>

namespace spokeshave {

namespace {

constexpr std::array<std::pair<FindingKind, const char*>, 12> kNames = {{
    {FindingKind::kMissing, "missing"},
    {FindingKind::kUnreadable, "unreadable"},
    {FindingKind::kMangledName, "mangled-name"},
    {FindingKind::kNoSoname, "no-soname"},
    {FindingKind::kDeadEntry, "dead-entry"},
    {FindingKind::kBothPaths, "both-paths"},
    {FindingKind::kBorrowedPath, "borrowed-path"},
    {FindingKind::kSameSoname, "same-soname"},
    {FindingKind::kSamePath, "same-path"},
    {FindingKind::kCycle, "cycle"},
    {FindingKind::kUndeclaredWheel, "undeclared-wheel"},
    {FindingKind::kExecutableStack, "executable-stack"},
}};

}  // namespace

const char* to_string(FindingKind kind) {
  for (const auto& [known, name] : kNames) {
    if (known == kind) {
      return name;
    }
  }
  return "";
}

bool is_problem(FindingKind kind) {
  return kind == FindingKind::kMissing || kind == FindingKind::kUnreadable;
}

}  // namespace spokeshave
