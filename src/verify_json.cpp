#include "src/verify_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace spokeshave {

namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

template <typename Value>
Json value_or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json wheels_json(const Verification& verification) {
  Json wheels = Json::array();
  for (const auto& wheel : verification.wheels) {
    Json json = {{"file", wheel.file_name},
                 {"opened", wheel.is_open},
                 {"name", Json()},
                 {"version", Json()},
                 {"files", wheel.members},
                 {"libraries", wheel.libraries},
                 {"packed_bytes", wheel.packed_bytes},
                 {"installed_bytes", wheel.installed_bytes}};
    if (wheel.is_open) {
      json["name"] = wheel.name;
      json["version"] = wheel.version;
    }
    wheels.push_back(std::move(json));
  }
  return wheels;
}

Json findings_json(const Verification& verification) {
  Json findings = Json::array();
  for (const auto& finding : verification.findings) {
    Json tried = Json::array();
    for (const auto& place : finding.tried) {
      tried.push_back({{"rule", place.rule}, {"path", place.path}, {"why_not", place.why_not}});
    }
    findings.push_back({{"rule", finding.rule},
                        {"severity", finding.is_finding() ? "finding" : "note"},
                        {"wheel", value_or_null(finding.wheel)},
                        {"path", text_or_null(finding.member)},
                        {"what", finding.what},
                        {"refused_by", text_or_null(finding.refused_by)},
                        {"tried", std::move(tried)},
                        {"not_listed", finding.not_listed},
                        {"way_out", text_or_null(finding.way_out)}});
  }
  return findings;
}

Json side_json(const ComparedMember* member) {
  if (member == nullptr) {
    return {};
  }
  return {{"path", member->name},
          {"bytes", member->size},
          {"mode", member->mode == 0 ? Json() : Json(fmt::format("{:04o}", member->mode))}};
}

Json changes_json(const WheelComparison& comparison) {
  Json changes = Json::array();
  for (const auto& change : comparison.changes) {
    Json fields = Json::array();
    for (const auto& field : change.fields) {
      fields.push_back({{"field", field.field},
                        {"before", text_or_null(field.before)},
                        {"after", text_or_null(field.after)}});
    }
    Json gone = Json::array();
    Json come = Json::array();
    for (const auto& line : change.lines) {
      (line.sign == '-' ? gone : come).push_back(line.line);
    }
    changes.push_back({{"kind", to_string(change.kind)},
                       {"wheel", value_or_null(change.wheel)},
                       {"before", side_json(comparison.before(change))},
                       {"after", side_json(comparison.after(change))},
                       {"fields", std::move(fields)},
                       {"lines_gone", std::move(gone)},
                       {"lines_come", std::move(come)},
                       {"text_changed", change.text_changed}});
  }
  return changes;
}

Json against_json(const std::optional<OriginalComparison>& against) {
  if (!against) {
    return {};
  }
  Json folders = Json::array();
  for (const auto& folder : against->members.folders) {
    folders.push_back({{"before", folder.before}, {"after", folder.after}});
  }
  return {{"file", against->file_name},
          {"same_files", against->members.unchanged},
          {"folders", std::move(folders)},
          {"changes", changes_json(against->members)},
          {"compared_deeply", value_or_null(against->deeply)}};
}

}  // namespace

std::string verify_json(const Verification& verification) {
  constexpr int kSchema = 1;
  const Json json = {
      {"schema", kSchema},
      {"command", "verify"},
      {"layout", verification.layout == Layout::kSeparate ? "separate" : "site-packages"},
      {"loader", verification.loader == elf::LoaderKind::kMusl ? "musl" : "glibc"},
      {"index_rules", verification.index_rules},
      {"wheels", wheels_json(verification)},
      {"findings", findings_json(verification)},
      {"against", against_json(verification.against)},
      {"checked_files", verification.hashes},
      {"needs_met", verification.needs_met}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace spokeshave
