#include "src/split_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "src/dist_info.h"
#include "src/licences.h"
#include "src/preload_block.h"

namespace spokeshave {

namespace {

/// What the drafts of one plan have in common.
struct Context {
  const wheel::WheelFile& wheel;
  const Inventory& inventory;
  const SplitPlan& plan;
  const Stage& stage;
  std::optional<std::int64_t> epoch;
  std::map<std::string, std::size_t> libraries;  ///< by member
};

const wheel::Member& dist_info_member(const wheel::WheelFile& wheel, const char* name) {
  return *wheel.archive.find(fmt::format("{}/{}", wheel.dist_info, name));
}

void add_library(WheelDrafter& drafter, const Context& context, const wheel::Member& member,
                 const std::string& name) {
  const StagedLibrary* staged = context.stage.find_library(member.name);
  if (staged != nullptr && staged->changed()) {
    drafter.add_library(member, name, context.stage, *staged);
  } else {
    drafter.pass_through(member, name);
  }
}

void add_main_member(WheelDrafter& drafter, const Context& context, const wheel::Member& member) {
  const std::string name =
      renamed_member(context.wheel, member.name, context.plan.wheels[0].filename);
  const auto library = context.libraries.find(member.name);
  if (library != context.libraries.end()) {
    if (context.plan.libraries[library->second].part == 0) {
      add_library(drafter, context, member, name);
    }
  } else if (is_record_signature(context.wheel, member.name)) {
    drafter.drop(member.name);
  } else if (member.name == context.wheel.dist_info + "/METADATA") {
    std::vector<std::string> requirements;
    for (std::size_t part = 1; part < context.plan.wheels.size(); ++part) {
      requirements.push_back(context.plan.wheels[part].requirement);
    }
    drafter.add_text(
        member, name,
        main_metadata(context.wheel, context.plan.wheels[0].filename.version, requirements));
  } else if (!context.plan.preload.empty() &&
             wheel::installed_path(context.wheel, member.name) == context.plan.init_path) {
    drafter.add_text(
        member, name,
        with_preload_block(context.wheel.archive.read_text(member),
                           preload_block(context.plan.preload, context.plan.init_path)));
  } else {
    drafter.pass_through(member, name);
  }
}

WheelDraft draft_main(const Context& context) {
  WheelDrafter drafter(context.wheel, context.epoch);
  const std::string dist_info = context.wheel.dist_info + "/";
  for (const bool in_dist_info : {false, true}) {
    for (const auto& member : context.wheel.archive.members()) {
      if (!member.is_folder() && member.name.starts_with(dist_info) == in_dist_info &&
          member.name != dist_info + "RECORD") {
        add_main_member(drafter, context, member);
      }
    }
  }
  const auto& planned = context.plan.wheels[0];
  return drafter.finish(dist_info_folder(planned.filename), to_string(planned.filename));
}

WheelDraft draft_companion(const Context& context, std::size_t part) {
  const PlannedWheel& planned = context.plan.wheels[part];
  WheelDrafter drafter(context.wheel, context.epoch);
  std::map<std::string, std::size_t> by_path;  // the order in the archive is that of the paths
  for (std::size_t i = 0; i < context.plan.libraries.size(); ++i) {
    if (context.plan.libraries[i].part == part) {
      by_path.emplace(context.plan.libraries[i].installed_path, i);
    }
  }
  for (const auto& [path, index] : by_path) {
    add_library(drafter, context,
                *context.wheel.archive.find(context.inventory.libraries[index].member), path);
  }
  const std::string dist_info = dist_info_folder(planned.filename);
  for (const auto& member : context.wheel.archive.members()) {
    if (!member.is_folder() && is_licence_file(context.wheel.dist_info, member.name)) {
      drafter.pass_through(member, dist_info + member.name.substr(context.wheel.dist_info.size()));
    }
  }
  drafter.add_text(dist_info_member(context.wheel, "METADATA"), dist_info + "/METADATA",
                   companion_metadata(context.wheel, planned));
  drafter.add_text(dist_info_member(context.wheel, "WHEEL"), dist_info + "/WHEEL",
                   companion_wheel_text(context.wheel, planned));
  return drafter.finish(dist_info, to_string(planned.filename));
}

}  // namespace

std::vector<WheelDraft> draft_wheels(const wheel::WheelFile& wheel, const Inventory& inventory,
                                     const SplitPlan& plan, const Stage& stage,
                                     std::optional<std::int64_t> epoch) {
  Context context{wheel, inventory, plan, stage, epoch, {}};
  for (std::size_t i = 0; i < inventory.libraries.size(); ++i) {
    context.libraries.emplace(inventory.libraries[i].member, i);
  }
  std::vector<WheelDraft> drafts;
  drafts.push_back(draft_main(context));
  for (std::size_t part = 1; part < plan.wheels.size(); ++part) {
    drafts.push_back(draft_companion(context, part));
  }
  return drafts;
}

}  // namespace spokeshave
