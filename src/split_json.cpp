#include <nlohmann/json.hpp>

#include "src/elf_names.h"
#include "src/split_report.h"

namespace spokeshave {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

Json weight_json(const Weight& weight) {
  return {{"packed_bytes", weight.packed}, {"installed_bytes", weight.installed}};
}

Json limit_json(const Limit& limit) {
  return {{"packed_bytes", limit.packed ? Json(*limit.packed) : Json()},
          {"installed_bytes", limit.installed ? Json(*limit.installed) : Json()}};
}

Json edits_json(const PlannedLibrary& planned, const StagedLibrary* staged) {
  if (planned.edits.empty()) {
    return nullptr;
  }
  Json json = {{"why", planned.why}};
  if (planned.edits.search_path) {
    json["search_path"] = *planned.edits.search_path;
  }
  if (planned.edits.soname) {
    json["soname"] = *planned.edits.soname;
  }
  if (staged != nullptr) {
    json["changes"] = staged->changes;
    json["placement"] = placement_name(staged->placement);
    json["appended_bytes"] = staged->appended_bytes;
  }
  return json;
}

Json libraries_json(const Inventory& inventory, const SplitPlan& plan, std::size_t part,
                    const Stage* stage) {
  Json libraries = Json::array();
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    const auto& planned = plan.libraries[i];
    if (planned.part != part) {
      continue;
    }
    const auto& library = inventory.libraries[i];
    libraries.push_back(
        {{"path", planned.installed_path},
         {"was", library.member},
         {"packed_bytes", library.packed_bytes},
         {"installed_bytes", library.size},
         {"stays_because",
          planned.mobility.place == Place::kMain ? Json(planned.mobility.why) : Json()},
         {"rewritten",
          edits_json(planned, stage == nullptr ? nullptr : stage->find_library(library.member))}});
  }
  return libraries;
}

Json subject_json(const SplitSubject& subject, const Limit& limit) {
  return {{"schema", kSchema},
          {"command", "split"},
          {"wheel", subject.file_name},
          {"size", weight_json(subject.size)},
          {"limit", limit_json(limit)}};
}

/// Names out of a wheel are UTF-8, but strings out of an ELF file may be anything.
std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string split_json(const SplitSubject& subject, const Inventory& inventory,
                       const SplitPlan& plan, const SplitResult& result) {
  Json json = subject_json(subject, plan.limit);
  json["possible"] = true;
  json["written"] = result.paths != nullptr;
  json["optimal"] = plan.optimal();
  json["moves_only_named"] = plan.moves_only_named;
  json["wheels"] = Json::array();
  for (std::size_t part = 0; part < plan.wheels.size(); ++part) {
    Json wheel = {{"file_name", to_string(plan.wheels[part].filename)},
                  {"requirement", plan.wheels[part].requirement},
                  {"at_most", weight_json(plan.wheels[part].weight)}};
    if (result.paths != nullptr) {
      wheel["path"] = (*result.paths)[part];
      wheel["size"] = weight_json((*result.drafts)[part].size);
      wheel["dropped"] = (*result.drafts)[part].dropped;
    }
    wheel["libraries"] = libraries_json(inventory, plan, part, result.stage);
    json["wheels"].push_back(std::move(wheel));
  }
  json["preload"] = {{"init", plan.init_path}, {"libraries", Json::array()}};
  for (const auto& library : plan.preload) {
    json["preload"]["libraries"].push_back(
        {{"path", library.path}, {"soname", library.soname}, {"requirement", library.requirement}});
  }
  json["notes"] = plan.notes;
  if (result.proof != nullptr) {
    json["proof"] = {{"members", result.proof->members},
                     {"decoded", result.proof->decoded},
                     {"needs", result.proof->needs},
                     {"separate_folders", result.proof->separate}};
  }
  return dump(json);
}

std::string within_limit_json(const SplitSubject& subject, const Limit& limit) {
  Json json = subject_json(subject, limit);
  json["possible"] = true;
  json["written"] = false;
  json["optimal"] = true;
  json["moves_only_named"] = false;
  json["wheels"] = Json::array();
  json["preload"] = {{"init", ""}, {"libraries", Json::array()}};
  json["notes"] = Json::array();
  return dump(json);
}

std::string impossible_json(const SplitSubject& subject, const ImpossibleSplit& why) {
  Json json = subject_json(subject, why.limit);
  json["possible"] = false;
  json["written"] = false;
  json["smallest_limit"] = weight_json(why.smallest);
  json["dictated_by"] = {{"installed", why.installed_dictated_by},
                         {"packed", why.packed_dictated_by}};
  return dump(json);
}

}  // namespace spokeshave
