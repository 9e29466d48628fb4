#include "src/inspect_json.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace spokeshave {

namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::optional<std::string>& value) {
  return value ? Json(*value) : Json();
}

const char* loader_word(LoadedBy by) {
  switch (by) {
    case LoadedBy::kImport:
      return "import";
    case LoadedBy::kProgram:
      return "program";
    case LoadedBy::kNobody:
      return "nobody";
  }
  return "";
}

Json wheels_json(const Inspection& inspection) {
  Json wheels = Json::array();
  for (const auto& wheel : inspection.wheels) {
    wheels.push_back({{"file", wheel.file_name},
                      {"name", wheel.name},
                      {"version", wheel.version},
                      {"packed_bytes", wheel.packed_bytes},
                      {"installed_bytes", wheel.inventory.installed_bytes}});
  }
  return wheels;
}

Json libraries_json(const Inspection& inspection) {
  Json libraries = Json::array();
  for (const auto& entry : inspection.libraries) {
    const Library& library = *entry.library;
    libraries.push_back({{"path", library.installed_path},
                         {"wheel", entry.wheel},
                         {"kind", kind_of(library)},
                         {"installed_bytes", library.size},
                         {"packed_bytes", library.packed_bytes},
                         {"soname", text_or_null(library.image.soname)},
                         {"rpath", text_or_null(library.image.rpath)},
                         {"runpath", text_or_null(library.image.runpath)},
                         {"needed", library.image.needed},
                         {"opened_by", entry.opened_by},
                         {"loaded_by", loader_word(entry.loaded_by)},
                         {"start", entry.start ? Json(*entry.start) : Json()}});
  }
  return libraries;
}

Json tried_json(const Inspection& inspection, const Tried& tried) {
  Json places = Json::array();
  for (const auto& attempt : tried.attempts) {
    places.push_back({{"rule", rule_name(attempt.rule)},
                      {"path", shown_path(inspection, attempt.path)},
                      {"why_not", attempt.why_not}});
  }
  return places;
}

Json needs_json(const Inspection& inspection) {
  Json needs = Json::array();
  for (const auto& need : inspection.graph.needs) {
    needs.push_back({{"from", need.from},
                     {"name", need.name},
                     {"to", need.to},
                     {"by", need.by_dlopen ? "dlopen" : "needed"},
                     {"rule", rule_words(need, inspection)},
                     {"tried", tried_json(inspection, need.tried)},
                     {"not_listed", need.tried.not_listed}});
  }
  return needs;
}

Json outside_json(const Inspection& inspection) {
  Json outside = Json::array();
  for (const auto& need : inspection.graph.outside) {
    outside.push_back(
        {{"from", need.from}, {"name", need.name}, {"brought_by", brought_by(need.name)}});
  }
  return outside;
}

Json missing_json(const Inspection& inspection) {
  Json missing = Json::array();
  for (const auto& need : inspection.graph.unmet) {
    missing.push_back({{"from", need.from},
                       {"name", need.name},
                       {"loaded_by", loader_word(need.loaded_by)},
                       {"opened", need.opened},
                       {"other_programs", need.other_programs},
                       {"in", need.bearers},
                       {"because_of", need.failed_before},
                       {"tried", tried_json(inspection, need.tried)},
                       {"not_listed", need.tried.not_listed}});
  }
  return missing;
}

Json findings_json(const Inspection& inspection) {
  Json findings = Json::array();
  for (const auto& finding : inspection.findings) {
    findings.push_back({{"kind", to_string(finding.kind)},
                        {"problem", is_problem(finding.kind)},
                        {"libraries", finding.libraries},
                        {"missing", finding.missing},
                        {"what", finding.what},
                        {"consequence", finding.consequence},
                        {"way_out", finding.way_out}});
  }
  return findings;
}

Json unreadable_json(const Inspection& inspection) {
  Json unreadable = Json::array();
  for (std::size_t wheel = 0; wheel < inspection.wheels.size(); ++wheel) {
    for (const auto& broken : inspection.wheels[wheel].inventory.unreadable) {
      unreadable.push_back({{"wheel", wheel},
                            {"path", broken.member},
                            {"library", broken.is_library},
                            {"why", broken.why}});
    }
  }
  return unreadable;
}

}  // namespace

std::string inspection_json(const Inspection& inspection, const std::string& symbols) {
  constexpr int kSchema = 1;
  Json json = {{"schema", kSchema},
               {"command", "inspect"},
               {"layout", inspection.layout == Layout::kSeparate ? "separate" : "site-packages"},
               {"loader", inspection.loader == elf::LoaderKind::kMusl ? "musl" : "glibc"},
               {"wheels", wheels_json(inspection)},
               {"libraries", libraries_json(inspection)},
               {"needs", needs_json(inspection)},
               {"outside", outside_json(inspection)},
               {"missing", missing_json(inspection)},
               {"findings", findings_json(inspection)},
               {"unreadable", unreadable_json(inspection)}};
  if (!symbols.empty()) {
    json["symbols"] = Json::parse(symbols);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace spokeshave
