#include "src/verify_whole.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "src/open_wheel.h"
#include "wheel/error.h"
#include "wheel/flaw_limit.h"
#include "wheel/index_rules.h"
#include "wheel/sha256.h"
#include "wheel/tags.h"

namespace spokeshave {

namespace {

constexpr const char* kStructure = "zip-structure";

/// Takes the flaws of one wheel.
class Flaws {
 public:
  Flaws(Verification& verification, std::size_t wheel)
      : findings_(verification.findings), wheel_(wheel) {}

  void add(const wheel::Flaw& flaw, Severity severity = Severity::kFinding) {
    findings_.push_back({flaw.rule, severity, wheel_, flaw.member, flaw.what});
  }

  /// What our own reader has told already is told once, with who else refuses it. That reader stops
  /// at the first fault of an archive; where the index rules name it, theirs is the better word.
  void add(const wheel::IndexFlaw& flaw, Severity severity) {
    for (auto& known : findings_) {
      const bool is_vague = known.rule == kStructure && flaw.flaw.rule.starts_with("zip-");
      const bool is_same = known.rule == flaw.flaw.rule && known.member == flaw.flaw.member;
      if (known.wheel == wheel_ && known.refused_by.empty() && (is_vague || is_same)) {
        known = finding(flaw, severity);
        return;
      }
    }
    findings_.push_back(finding(flaw, severity));
  }

  /// Whether an index rule of this name was told.
  bool has_index_rule(const char* rule) const {
    return std::any_of(findings_.begin(), findings_.end(), [&](const VerifyFinding& known) {
      return known.wheel == wheel_ && known.rule == rule && !known.refused_by.empty();
    });
  }

 private:
  VerifyFinding finding(const wheel::IndexFlaw& flaw, Severity severity) const {
    return {.rule = flaw.flaw.rule,
            .severity = severity,
            .wheel = wheel_,
            .member = flaw.flaw.member,
            .what = flaw.flaw.what,
            .is_policy = flaw.kind == wheel::IndexRule::kPublication,
            .refused_by = flaw.refused_by};
  }

  std::vector<VerifyFinding>& findings_;
  std::size_t wheel_;
};

/// Whether it says by its version that it is not for PyPI, which takes none with a local part.
bool has_local_version(const std::string& file_name) {
  try {
    return wheel::parse_filename(file_name).version.find('+') != std::string::npos;
  } catch (const wheel::Error&) {
    return false;
  }
}

void hold_against_index_rules(const std::string& path, Flaws& flaws) {
  const bool is_local = has_local_version(std::filesystem::path(path).filename().string());
  wheel::check_index_rules(path, [&](const wheel::IndexFlaw& found) {
    const bool is_note = found.kind == wheel::IndexRule::kUnlessAllowed ||
                         (found.kind == wheel::IndexRule::kPublication && is_local);
    flaws.add(found, is_note ? Severity::kNote : Severity::kFinding);
  });
}

/// One by one what a Tag line says: maturin writes some as in a file name, `py2.py3-none-any`.
std::set<std::string> tags_of(const std::string& line) {
  constexpr std::size_t kLongest = 255;  // as a file name; what is longer is none of its tags
  const std::size_t abi = line.find('-');
  const std::size_t platform = abi == std::string::npos ? abi : line.find('-', abi + 1);
  if (line.size() > kLongest || platform == std::string::npos) {
    return {line};
  }
  wheel::Filename filename;
  filename.python_tag = line.substr(0, abi);
  filename.abi_tag = line.substr(abi + 1, platform - abi - 1);
  filename.platform_tag = line.substr(platform + 1);
  const auto tags = wheel::expanded_tags(filename);
  return {tags.begin(), tags.end()};
}

std::string first_of(const std::set<std::string>& tags) {
  constexpr std::size_t kShown = 4;
  constexpr std::size_t kLetters = 200;
  std::string text;
  std::size_t shown = 0;
  for (const std::string& tag : tags) {
    if (shown++ == kShown) {
      return fmt::format("{} and {} more", text, tags.size() - kShown);
    }
    text += (text.empty() ? "" : ", ") + tag.substr(0, kLetters);
  }
  return text;
}

/// No fault: installers go by the file name, and every torch up to 2.1 has another Tag in WHEEL.
void compare_tags(const wheel::WheelFile& file, Flaws& flaws) {
  constexpr std::size_t kMostLines = 100;  // what more say is no longer asked: it is hostile
  auto lines = file.wheel.get_all("Tag");
  lines.resize(std::min(lines.size(), kMostLines));
  std::set<std::string> told;
  for (const std::string& line : lines) {
    told.merge(tags_of(line));
  }
  const auto tags = wheel::expanded_tags(file.filename);
  const std::set<std::string> expected(tags.begin(), tags.end());
  if (!told.empty() && told != expected) {
    flaws.add(wheel::Flaw{"wheel-tags", file.dist_info + "/WHEEL",
                          fmt::format("its Tag lines say {}, the file name {}", first_of(told),
                                      first_of(expected))},
              Severity::kNote);
  }
}

/// What made open_flawed_wheel() give up: the file name, the archive, or what is in it.
wheel::Flaw reason_not_to_open(const std::string& path, const wheel::Error& error) {
  try {
    wheel::parse_filename(std::filesystem::path(path).filename().string());
  } catch (const wheel::Error& name) {
    return {"filename", name.member(), name.what()};
  }
  try {
    wheel::Archive::open(path);
  } catch (const wheel::Error& structure) {
    return {kStructure, structure.member(), structure.what()};
  }
  return {"dist-info-missing", error.member(), error.what()};
}

Candidate open_candidate(const std::string& path, bool index_rules, Flaws& flaws) {
  Candidate candidate{path, {}};
  try {
    candidate.file =
        wheel::open_flawed_wheel(path, [&](const wheel::Flaw& flaw) { flaws.add(flaw); });
    compare_tags(*candidate.file, flaws);
  } catch (const wheel::Error& error) {
    flaws.add(reason_not_to_open(path, error));
    // Throws where there is no archive at all.
    wheel::check_index_rules(path, [](const wheel::IndexFlaw&) {});
  }
  if (index_rules) {
    hold_against_index_rules(path, flaws);
  }
  return candidate;
}

/// Names of Requires-Dist; a value without one is told.
std::vector<std::string> requirements_of(const wheel::WheelFile& file, Flaws& flaws) {
  std::vector<std::string> names;
  for (const auto& requirement : file.metadata.get_all("Requires-Dist")) {
    try {
      names.push_back(wheel::normalise_name(wheel::requirement_name(requirement)));
    } catch (const wheel::Error& error) {
      if (!flaws.has_index_rule("metadata-requires")) {  // they have told each
        flaws.add({"metadata-requires", file.dist_info + "/METADATA", error.what()});
      }
    }
  }
  return names;
}

void check_places(const wheel::WheelFile& file, wheel::FlawLimit& flaws) {
  std::map<std::string, std::string> members;  // installed path -> member
  for (const auto& member : file.archive.members()) {
    if (member.is_folder()) {
      continue;
    }
    const std::string path = wheel::installed_path(file, member.name);
    const auto [other, is_new] = members.emplace(path, member.name);
    if (!is_new) {
      flaws.tell({"same-place", member.name,
                  fmt::format("`{}` is installed to the same place, {}", other->second, path)});
    }
  }
}

const char* rule_of(DamagedMember::Kind kind) {
  switch (kind) {
    case DamagedMember::Kind::kData:
      return "member-data";
    case DamagedMember::Kind::kCrc:
      return "member-crc";
    case DamagedMember::Kind::kRecordHash:
      return "record-hash";
  }
  return "";
}

void tell_damage(const Inventory& inventory, wheel::FlawLimit& flaws) {
  for (const auto& damaged : inventory.damaged) {
    flaws.tell({rule_of(damaged.kind), damaged.member,
                damaged.kind == DamagedMember::Kind::kRecordHash
                    ? "its content does not match RECORD: " + damaged.why
                    : damaged.why});
  }
}

void check_member_by_member(const wheel::WheelFile& file, const Inventory& inventory,
                            Flaws& flaws) {
  wheel::FlawLimit limit([&](const wheel::Flaw& flaw) { flaws.add(flaw); });
  check_places(file, limit);
  tell_damage(inventory, limit);
  for (const auto& broken : inventory.unreadable) {
    if (broken.is_library) {
      limit.tell({"elf-unreadable", broken.member, broken.why});
    }
  }
  limit.tell_rest();
}

std::size_t hashes_of(const wheel::WheelFile& file) {
  std::size_t hashes = 0;
  file.rows.for_each([&](const std::string&, const wheel::RecordRows::Row& row) {
    hashes += wheel::is_record_hash(row.hash) ? 1 : 0;
  });
  return hashes;
}

InspectedWheel describe(const Candidate& candidate, Flaws& flaws, Inventory&& inventory) {
  const wheel::WheelFile& file = *candidate.file;
  return {std::filesystem::path(candidate.path).filename().string(),
          file.metadata.get("Name").value_or(file.filename.distribution),
          file.metadata.get("Version").value_or(file.filename.version),
          file.filename.platform_tag,
          file.archive.file_size(),
          requirements_of(file, flaws),
          std::move(inventory)};
}

void fill_in(VerifiedWheel& verified, const wheel::WheelFile& file, const InspectedWheel& wheel) {
  const auto& members = file.archive.members();
  verified.is_open = true;
  verified.name = wheel.name;
  verified.version = wheel.version;
  verified.members = static_cast<std::size_t>(
      std::count_if(members.begin(), members.end(),
                    [](const wheel::Member& member) { return !member.is_folder(); }));
  verified.libraries = wheel.inventory.libraries.size();
  verified.packed_bytes = wheel.packed_bytes;
  verified.installed_bytes = wheel.inventory.installed_bytes;
}

std::vector<Inventory> inventories_of(const std::vector<Candidate>& candidates,
                                      const std::vector<std::size_t>& open, unsigned jobs,
                                      Progress& progress) {
  std::vector<const wheel::WheelFile*> files;
  files.reserve(open.size());
  for (const std::size_t number : open) {
    files.push_back(&*candidates[number].file);
  }
  try {
    return take_inventories(files, jobs, progress);
  } catch (const UnreadableMember& error) {
    throw unreadable(candidates[open[error.wheel()]].path, error);
  }
}

}  // namespace

std::vector<Candidate> open_candidates(const VerifyOptions& options, Verification& verification) {
  std::vector<Candidate> candidates;
  for (const auto& path : options.wheels) {
    const std::size_t number = verification.wheels.size();
    verification.wheels.emplace_back().file_name = std::filesystem::path(path).filename().string();
    check_is_there(path);
    Flaws flaws(verification, number);
    try {
      candidates.push_back(open_candidate(path, options.index_rules, flaws));
    } catch (const wheel::Error& error) {
      throw unreadable(path, error);
    } catch (const std::system_error& error) {
      throw unreadable(path, error);
    }
  }
  return candidates;
}

std::vector<InspectedWheel> check_members(const std::vector<Candidate>& candidates, unsigned jobs,
                                          Progress& progress, Verification& verification) {
  std::vector<std::size_t> open;
  for (std::size_t number = 0; number < candidates.size(); ++number) {
    if (candidates[number].file) {
      open.push_back(number);
    }
  }
  auto inventories = inventories_of(candidates, open, jobs, progress);
  std::vector<InspectedWheel> wheels;
  for (std::size_t i = 0; i < open.size(); ++i) {
    const Candidate& candidate = candidates[open[i]];
    Flaws flaws(verification, open[i]);
    check_member_by_member(*candidate.file, inventories[i], flaws);
    wheels.push_back(describe(candidate, flaws, std::move(inventories[i])));
    fill_in(verification.wheels[open[i]], *candidate.file, wheels.back());
    verification.hashes += hashes_of(*candidate.file);
  }
  return wheels;
}

}  // namespace spokeshave
