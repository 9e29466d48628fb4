#include "src/verify_deep.h"

#include <algorithm>
#include <string>

#include "elf/deep_comparison.h"
#include "src/deep_check.h"
#include "src/failure.h"
#include "src/verify_losses.h"

namespace spokeshave {

namespace {

/// `dynamic entries` -> `deep-dynamic-entries`.
std::string rule_of(std::string part) {
  std::replace(part.begin(), part.end(), ' ', '-');
  return "deep-" + part;
}

/// Libraries on both sides that differ.
std::vector<const MemberChange*> changed_libraries(const Original& original, const ComparedSet& set,
                                                   const WheelComparison& comparison) {
  std::vector<const MemberChange*> changed;
  for (const auto& change : comparison.changes) {
    if (change.kind == MemberChange::Kind::kChanged &&
        find_library(original.inventory, comparison.before(change)->name) != nullptr &&
        find_library(set.inspection.wheels[*change.wheel].inventory,
                     comparison.after(change)->name) != nullptr) {
      changed.push_back(&change);
    }
  }
  return changed;
}

}  // namespace

void check_can_compare_deeply() {
  if (!elf::can_compare_deeply()) {
    throw Failure(ExitCode::kUsage, "--deep is not in this build",
                  "LIEF, which compares the libraries, was not there",
                  "run scripts/setup, which builds it, and build again");
  }
}

void compare_libraries_deeply(const Original& original, const ComparedSet& set, Progress& progress,
                              Verification& verification) {
  const WheelComparison& comparison = verification.against->members;
  const auto changed = changed_libraries(original, set, comparison);
  std::uint64_t total = 0;
  for (const auto* change : changed) {
    total += comparison.before(*change)->size;
  }
  progress.phase("comparing", total);
  for (const auto* change : changed) {
    const ComparedMember& before = *comparison.before(*change);
    const ComparedMember& after = *comparison.after(*change);
    const wheel::Archive& archive = set.files[*change->wheel]->archive;
    const auto differences = compare_in_child(
        library_state(original.file.archive, *original.file.archive.find(before.name)),
        library_state(archive, *archive.find(after.name)));
    for (const auto& difference : differences) {
      verification.findings.push_back({.rule = rule_of(difference.part),
                                       .wheel = set.numbers[*change->wheel],
                                       .member = after.name,
                                       .what = difference.what});
    }
    progress.advance(before.size);
  }
  verification.against->deeply = changed.size();
}

}  // namespace spokeshave
