#include "src/patched_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "src/failure.h"
#include "src/member_check.h"
#include "src/regular_file.h"
#include "wheel/error.h"
#include "wheel/file_window.h"
#include "wheel/text_flaws.h"

namespace spokeshave {

namespace {

/// The file's text; nothing where it cannot be had, which is told when it is packed.
std::optional<std::string> text_on_disk(const std::string& path) {
  constexpr std::int64_t kMostBytes = 64 << 20;
  try {
    const RegularFile file(path);
    if (file.status().st_size > kMostBytes) {
      return std::nullopt;
    }
    std::string text(static_cast<std::size_t>(file.status().st_size), '\0');
    wheel::read_at(file.descriptor(), 0, std::as_writable_bytes(std::span(text)));
    return text;
  } catch (const std::system_error&) {
    return std::nullopt;
  } catch (const wheel::Error&) {
    return std::nullopt;
  }
}

std::optional<std::string> original_text(const wheel::WheelFile& original,
                                         const std::string& name) {
  const wheel::Member* member = original.archive.find(name);
  return member == nullptr ? std::nullopt : std::optional(checked_text(original, *member));
}

const PatchedMember* find(const PatchPlan& plan, const std::string& name) {
  const auto found = std::find_if(plan.members.begin(), plan.members.end(),
                                  [&](const PatchedMember& m) { return m.name == name; });
  return found == plan.members.end() ? nullptr : &*found;
}

std::optional<std::string> new_text(const wheel::WheelFile& original, const PatchPlan& plan,
                                    const std::string& name) {
  const PatchedMember* member = find(plan, name);
  if (member == nullptr) {
    return std::nullopt;
  }
  return member->kind == PatchedMember::Kind::kText   ? member->text
         : member->kind == PatchedMember::Kind::kFile ? text_on_disk(member->file)
                                                      : original_text(original, member->from);
}

/// As the new wheel's folder is called, so that flaws of both can be compared.
std::vector<wheel::Flaw> old_flaws(const wheel::WheelFile& original, const PatchPlan& plan) {
  std::vector<std::string> names;
  for (const auto& member : original.archive.members()) {
    const bool is_inside = member.name.starts_with(original.dist_info + "/");
    names.push_back(is_inside ? plan.dist_info + member.name.substr(original.dist_info.size())
                              : member.name);
  }
  return wheel::text_flaws(
      {.folder = plan.dist_info,
       .metadata = original.metadata.text(),
       .wheel = original.wheel.text(),
       .record = std::nullopt,
       .entry_points = original_text(original, original.dist_info + "/entry_points.txt")},
      std::set<std::string_view>(names.begin(), names.end()), original.filename);
}

std::vector<wheel::Flaw> new_flaws(const wheel::WheelFile& original, const PatchPlan& plan) {
  std::set<std::string_view> names;
  for (const auto& member : plan.members) {
    names.insert(member.name);
  }
  const auto text = [&](const char* name) {
    return new_text(original, plan, plan.dist_info + "/" + name);
  };
  return wheel::text_flaws({.folder = plan.dist_info,
                            .metadata = text("METADATA"),
                            .wheel = text("WHEEL"),
                            .record = std::nullopt,
                            .entry_points = text("entry_points.txt")},
                           names, plan.filename);
}

std::string hint_for(const wheel::Flaw& flaw, const PatchPlan& plan) {
  if (flaw.rule == "metadata-license-file") {
    return "leave the file in its place, or take the line out of METADATA with a diff";
  }
  const PatchedMember* member = find(plan, flaw.member);
  return member != nullptr && member->kind == PatchedMember::Kind::kFile
             ? fmt::format("mend `{}`", member->file)
             : "mend the diff";
}

}  // namespace

void refuse_faulty_texts(const wheel::WheelFile& original, const PatchPlan& plan) {
  std::set<std::pair<std::string, std::string>> known;
  for (const auto& flaw : old_flaws(original, plan)) {
    known.emplace(flaw.rule, flaw.what);
  }
  for (const auto& flaw : new_flaws(original, plan)) {
    if (!known.contains({flaw.rule, flaw.what})) {
      throw Failure(ExitCode::kFound, "the patched wheel would be refused",
                    fmt::format("{}: {}", flaw.member, flaw.what), hint_for(flaw, plan));
    }
  }
}

}  // namespace spokeshave
