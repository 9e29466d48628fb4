#include "src/verify_against.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include "src/failure.h"
#include "src/inventory.h"
#include "src/open_wheel.h"
#include "src/verify_losses.h"
#include "wheel/error.h"
#include "wheel/index_rules.h"

namespace spokeshave {

namespace {

wheel::WheelFile open_original(const std::string& path) {
  check_is_there(path);
  try {
    return wheel::open_flawed_wheel(path, [](const wheel::Flaw&) {});
  } catch (const wheel::Error& error) {
    throw unreadable(path, error);
  } catch (const std::system_error& error) {
    throw unreadable(path, error);
  }
}

/// Of the members that differ or are gone.
Inventory inventory_of_differences(const std::string& path, const wheel::WheelFile& file,
                                   const WheelComparison& comparison, unsigned jobs,
                                   Progress& progress) {
  std::set<std::string_view> wanted;
  for (const auto& change : comparison.changes) {
    using Kind = MemberChange::Kind;
    if (change.kind == Kind::kChanged || change.kind == Kind::kRemoved) {
      wanted.insert(comparison.before(change)->name);
    }
  }
  try {
    return std::move(take_inventories({&file}, jobs, progress, [&](const wheel::Member& member) {
                       return wanted.contains(member.name);
                     }).front());
  } catch (const wheel::Error& error) {
    throw unreadable(path, error);
  }
}

void fill_in_fields(WheelComparison& comparison, const Inventory& original,
                    const Inspection& inspection) {
  for (auto& change : comparison.changes) {
    if (change.kind != MemberChange::Kind::kChanged) {
      continue;
    }
    const Library* before = find_library(original, comparison.before(change)->name);
    const Library* after =
        find_library(inspection.wheels[*change.wheel].inventory, comparison.after(change)->name);
    if (before != nullptr && after != nullptr) {
      change.fields = elf::field_changes(before->image, after->image);
    }
  }
}

/// Of METADATA and WHEEL, whose texts are at hand.
void fill_in_lines(WheelComparison& comparison, const wheel::WheelFile& original,
                   const std::vector<const wheel::WheelFile*>& files) {
  for (auto& change : comparison.changes) {
    if (change.kind != MemberChange::Kind::kChanged) {
      continue;
    }
    const std::string& name = comparison.before(change)->name;
    const wheel::WheelFile& after = *files[*change.wheel];
    const auto compare = [&](const wheel::Headers& was, const wheel::Headers& is) {
      change.lines = header_changes(was.text(), is.text());
      change.text_changed = body_differs(was.text(), is.text());
    };
    if (name == original.dist_info + "/METADATA") {
      compare(original.metadata, after.metadata);
    } else if (name == original.dist_info + "/WHEEL") {
      compare(original.wheel, after.wheel);
    }
  }
}

/// The rules of PyPI's policy that a wheel breaks.
std::set<std::string> policy_flaws(const std::string& path) {
  std::set<std::string> rules;
  wheel::check_index_rules(path, [&](const wheel::IndexFlaw& found) {
    if (found.kind == wheel::IndexRule::kPublication) {
      rules.insert(found.flaw.rule);
    }
  });
  return rules;
}

class Judge {
 public:
  Judge(const Original& original, const ComparedSet& set, Verification& verification)
      : original_(original),
        set_(set),
        comparison_(verification.against->members),
        findings_(verification.findings) {}

  /// Then all that is compared says little.
  void look_for_the_distribution() {
    const std::string& name = original_.file.filename.distribution;
    const auto is_of_it = [&](const wheel::WheelFile* file) {
      return wheel::normalise_name(file->filename.distribution) == wheel::normalise_name(name);
    };
    if (std::none_of(set_.files.begin(), set_.files.end(), is_of_it)) {
      findings_.push_back(
          {.rule = "not-the-same-wheel",
           .wheel = {},
           .member = "",
           .what = fmt::format("none of the wheels is of its distribution, {}", name)});
    }
  }

  void look_for_lost_members() {
    if (set_.files.size() < 2) {
      return;  // one wheel may leave out what it likes: that is listed
    }
    for (const auto& change : comparison_.changes) {
      if (change.kind == MemberChange::Kind::kRemoved) {
        findings_.push_back({.rule = "member-lost",
                             .wheel = {},
                             .member = comparison_.before(change)->name,
                             .what = "none of the wheels has it"});
      }
    }
  }

  void look_for_conflicts() {
    for (const auto& conflict : comparison_.conflicts) {
      const auto& member = comparison_.wheels[conflict.wheel].members[conflict.member];
      findings_.push_back(
          {.rule = "same-path",
           .wheel = set_.numbers[conflict.wheel],
           .member = member.name,
           .what = fmt::format("{} installs another file to the same path",
                               set_.inspection.wheels[conflict.other_wheel].file_name)});
    }
  }

  void look_for_other_machines() {
    for (const auto& change : comparison_.changes) {
      if (change.kind != MemberChange::Kind::kChanged) {
        continue;
      }
      const auto& after = *comparison_.after(change);
      const Inventory& inventory = set_.inspection.wheels[*change.wheel].inventory;
      const Library* was = find_library(original_.inventory, comparison_.before(change)->name);
      const Library* is = find_library(inventory, after.name);
      if (was != nullptr && (is == nullptr || !is->image.same_abi(was->image))) {
        findings_.push_back({.rule = "library-abi",
                             .wheel = set_.numbers[*change.wheel],
                             .member = after.name,
                             .what = is == nullptr
                                         ? "it was an ELF file, and is none that can be read"
                                         : "it is for another machine than the original's"});
      }
    }
  }

  /// What the original has as well, nobody has brought in: what PyPI would not publish, and
  /// libraries that are broken in it. Damage stays a finding, wherever it comes from.
  void make_notes_of_what_is_old() {
    const auto policy = policy_flaws(original_.path);
    for (auto& finding : findings_) {
      const bool is_old = finding.is_policy
                              ? policy.contains(finding.rule)
                              : finding.rule == "elf-unreadable" && was_broken(finding);
      if (finding.is_finding() && is_old) {
        finding.severity = Severity::kNote;
        finding.what += "; so it is in the original";
      }
    }
  }

  void look_at_the_original() {
    for (const auto& damaged : original_.inventory.damaged) {
      findings_.push_back({.rule = "original-damaged",
                           .severity = Severity::kNote,
                           .wheel = {},
                           .member = damaged.member,
                           .what = damaged.why});
    }
  }

 private:
  /// The member stands in the original with the same content, or was broken there too.
  bool was_broken(const VerifyFinding& finding) const {
    for (std::size_t i = 0; i < comparison_.now.size(); ++i) {
      const auto& now = comparison_.now[i];
      if (!now || set_.numbers[now->first] != finding.wheel ||
          comparison_.wheels[now->first].members[now->second].name != finding.member) {
        continue;
      }
      const ComparedMember& before = comparison_.original.members[i];
      const auto& broken = original_.inventory.unreadable;
      return same_content(before, comparison_.wheels[now->first].members[now->second]) ||
             std::any_of(broken.begin(), broken.end(), [&](const UnreadableElf& library) {
               return library.member == before.name;
             });
    }
    return false;
  }

  const Original& original_;
  const ComparedSet& set_;
  const WheelComparison& comparison_;
  std::vector<VerifyFinding>& findings_;
};

}  // namespace

Original compare_with_original(const std::string& path, const ComparedSet& set, unsigned jobs,
                               Progress& progress, Verification& verification) {
  wheel::WheelFile file = open_original(path);
  const auto main = main_wheel(file, set.files);
  std::vector<ComparedWheel> wheels;
  for (std::size_t i = 0; i < set.files.size(); ++i) {
    wheels.push_back(compared_wheel(*set.files[i], main == i));
  }
  WheelComparison comparison = compare_members(compared_wheel(file, true), std::move(wheels));
  Inventory inventory = inventory_of_differences(path, file, comparison, jobs, progress);
  fill_in_fields(comparison, inventory, set.inspection);
  fill_in_lines(comparison, file, set.files);
  verification.against = OriginalComparison{
      std::filesystem::path(path).filename().string(), std::move(comparison), {}};
  return {path, std::move(file), std::move(inventory)};
}

std::set<NeedKey> judge_comparison(const Original& original, const ComparedSet& set,
                                   Verification& verification) {
  Judge judge(original, set, verification);
  judge.make_notes_of_what_is_old();
  judge.look_at_the_original();
  judge.look_for_the_distribution();
  judge.look_for_lost_members();
  judge.look_for_conflicts();
  judge.look_for_other_machines();
  return look_for_losses(original.inventory, set.inspection, set.numbers, verification);
}

}  // namespace spokeshave
