#include <nlohmann/json.hpp>

#include "src/elf_names.h"
#include "src/patch_report.h"

namespace spokeshave {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

/// Paths on disk need be no UTF-8; JSON must be.
std::string dump(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

const char* kind_name(const PatchedMember& member) {
  switch (member.kind) {
    case PatchedMember::Kind::kPassed:
      return "kept";  // only its name or mode is another
    case PatchedMember::Kind::kText:
      return "text";
    case PatchedMember::Kind::kFile:
      return "file";
    case PatchedMember::Kind::kLibrary:
      return "library";
  }
  return "";
}

Json member_json(const PatchedMember& member, const Stage& stage) {
  Json json = {{"path", member.name},
               {"was", member.from.empty() ? Json() : Json(member.from)},
               {"kind", kind_name(member)},
               {"changes", member.changes}};
  if (member.mode) {
    json["mode"] = *member.mode & 07777;
  }
  if (member.kind == PatchedMember::Kind::kLibrary) {
    const StagedLibrary& staged = *stage.find_library(member.from);
    for (const auto& change : staged.changes) {
      json["changes"].push_back(change);
    }
    json["placement"] = placement_name(staged.placement);
    json["appended_bytes"] = staged.appended_bytes;
  }
  return json;
}

bool is_told(const PatchedMember& member) {
  return member.kind != PatchedMember::Kind::kPassed || !member.changes.empty();
}

Json diffs_json(const DiffOutcome& diffs) {
  Json notes = Json::array();
  for (const auto& note : diffs.notes) {
    notes.push_back({{"diff", note.diff},
                     {"path", note.path},
                     {"hunk", note.hunk},
                     {"lines_off", note.lines},
                     {"fuzz", note.fuzz}});
  }
  return {{"applied", diffs.diffs}, {"hunks_off", notes}, {"remarks", diffs.remarks}};
}

}  // namespace

std::string patched_wheel_json(const PatchSubject& subject, const PatchResult* result) {
  const PatchPlan& plan = subject.plan;
  Json members = Json::array();
  std::size_t untouched = plan.let_go;
  for (const auto& member : plan.members) {
    if (is_told(member)) {
      members.push_back(member_json(member, subject.stage));
    } else {
      ++untouched;
    }
  }
  Json json = {{"original", {{"file", subject.file_name}, {"packed_bytes", subject.packed_bytes}}},
               {"file", to_string(plan.filename)},
               {"requirement", plan.requirement},
               {"diffs", diffs_json(subject.diffs)},
               {"changed", members},
               {"removed", plan.removed},
               {"dropped", plan.dropped},
               {"untouched", untouched},
               {"notes", plan.notes},
               {"path", nullptr},
               {"packed_bytes", nullptr},
               {"proof", nullptr}};
  if (result != nullptr) {
    json["path"] = result->path;
    json["packed_bytes"] = result->packed_bytes;
    json["proof"] = {{"members", result->written.members}, {"decoded", result->written.decoded}};
  }
  return dump(json);
}

std::string patched_file_json(const PatchedElfFile& file) {
  return dump({{"path", file.path},
               {"untouched", file.untouched},
               {"changes", file.changes},
               {"placement", placement_name(file.placement)},
               {"appended_bytes", file.appended_bytes}});
}

std::string patch_json(const std::vector<std::string>& wheels,
                       const std::vector<std::string>& elf_files) {
  Json json = {{"schema", kSchema},
               {"command", "patch"},
               {"wheels", Json::array()},
               {"elf_files", Json::array()}};
  for (const auto& wheel : wheels) {
    json["wheels"].push_back(Json::parse(wheel));
  }
  for (const auto& file : elf_files) {
    json["elf_files"].push_back(Json::parse(file));
  }
  return dump(json, 2) + "\n";
}

}  // namespace spokeshave
