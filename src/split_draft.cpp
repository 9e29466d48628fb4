#include "src/split_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "src/dist_info.h"
#include "src/dos_time.h"
#include "src/failure.h"
#include "src/licences.h"
#include "src/preload_block.h"

namespace spokeshave {

namespace {

constexpr std::uint32_t kFileType = 0170000;
constexpr std::uint32_t kRegular = 0100000;
constexpr std::uint32_t kDefaultMode = kRegular | 0644;

std::uint32_t mode_of(const wheel::Member& member) {
  if ((member.mode & 07777) == 0) {
    return kDefaultMode;
  }
  return (member.mode & kFileType) == 0 ? member.mode | kRegular : member.mode;
}

/// A draft while it grows: RECORD's rows follow the members.
class Drafter {
 public:
  Drafter(const wheel::WheelFile& wheel, std::optional<std::int64_t> epoch)
      : wheel_(wheel), epoch_(epoch) {
    draft_.record.newline = wheel.record.newline;
  }

  void pass_through(const wheel::Member& member, const std::string& name) {
    draft_.writer.add_member(entry_like(member, name), wheel_.archive, member);
    const auto& row = wheel_.rows.at(member.name);
    draft_.record.rows.push_back({name, row.hash, member.size});
    draft_.size.installed += member.size;
  }

  void add_staged(const wheel::Member& like, const std::string& name, const Stage& stage,
                  const StagedLibrary& staged, std::size_t library) {
    draft_.writer.add_packed(entry_like(like, name), stage.descriptor(), staged.offset,
                             staged.packed);
    add_row(name, staged.packed.digest, staged.packed.size);
    draft_.written_anew.push_back({name, library});
  }

  void add_text(const wheel::Member& like, const std::string& name, const std::string& text) {
    draft_.writer.add_text(new_entry_like(like, name), text);
    add_row(name, wheel::sha256(text), text.size());
    draft_.written_anew.push_back({name, std::nullopt});
  }

  WheelDraft finish(const wheel::Member& like, const std::string& dist_info,
                    std::string file_name) {
    const std::string name = dist_info + "/RECORD";
    draft_.record.rows.push_back({name, "", std::nullopt});
    const std::string text = wheel::to_string(draft_.record);
    draft_.writer.add_text(new_entry_like(like, name), text);
    draft_.size.installed += text.size();
    draft_.size.packed = draft_.writer.archive_size();
    draft_.file_name = std::move(file_name);
    return std::move(draft_);
  }

  void drop(const std::string& member) { draft_.dropped.push_back(member); }

 private:
  wheel::Entry entry_like(const wheel::Member& member, const std::string& name) const {
    return {name, mode_of(member), member.dos_time, member.dos_date};
  }
  wheel::Entry new_entry_like(const wheel::Member& member, const std::string& name) const {
    wheel::Entry entry = entry_like(member, name);
    if (epoch_) {
      const DosTime time = to_dos_time(*epoch_);
      entry.dos_time = time.time;
      entry.dos_date = time.date;
    }
    return entry;
  }
  void add_row(const std::string& name, const wheel::Sha256Digest& digest, std::uint64_t size) {
    draft_.record.rows.push_back({name, wheel::record_hash(digest), size});
    draft_.size.installed += size;
  }

  const wheel::WheelFile& wheel_;
  const std::optional<std::int64_t> epoch_;
  WheelDraft draft_;
};

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

/// The member's name in the main wheel: the version in .dist-info and .data follows.
std::string new_name(const Context& context, const std::string& name) {
  for (const std::string& folder : {context.wheel.dist_info, context.wheel.data}) {
    if (!folder.empty() && name.starts_with(folder + "/")) {
      const std::string& version = context.plan.wheels[0].filename.version;
      return renamed_folder(folder, version) + name.substr(folder.size());
    }
  }
  return name;
}

bool is_signature(const Context& context, const std::string& name) {
  const std::string record = context.wheel.dist_info + "/RECORD";
  return name == record + ".jws" || name == record + ".p7s";
}

void add_library(Drafter& drafter, const Context& context, std::size_t index,
                 const wheel::Member& member, const std::string& name) {
  if (const StagedLibrary* staged = context.stage.find(index)) {
    drafter.add_staged(member, name, context.stage, *staged, index);
  } else {
    drafter.pass_through(member, name);
  }
}

void add_main_member(Drafter& drafter, const Context& context, const wheel::Member& member) {
  const std::string name = new_name(context, member.name);
  const auto library = context.libraries.find(member.name);
  if (library != context.libraries.end()) {
    if (context.plan.libraries[library->second].part == 0) {
      add_library(drafter, context, library->second, member, name);
    }
  } else if (is_signature(context, member.name)) {
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
  Drafter drafter(context.wheel, context.epoch);
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
  return drafter.finish(dist_info_member(context.wheel, "RECORD"),
                        renamed_folder(context.wheel.dist_info, planned.filename.version),
                        to_string(planned.filename));
}

WheelDraft draft_companion(const Context& context, std::size_t part) {
  const PlannedWheel& planned = context.plan.wheels[part];
  Drafter drafter(context.wheel, context.epoch);
  std::map<std::string, std::size_t> by_path;  // the order in the archive is that of the paths
  for (std::size_t i = 0; i < context.plan.libraries.size(); ++i) {
    if (context.plan.libraries[i].part == part) {
      by_path.emplace(context.plan.libraries[i].installed_path, i);
    }
  }
  for (const auto& [path, index] : by_path) {
    add_library(drafter, context, index,
                *context.wheel.archive.find(context.inventory.libraries[index].member), path);
  }
  const std::string dist_info =
      fmt::format("{}-{}.dist-info", planned.package, planned.filename.version);
  for (const auto& member : context.wheel.archive.members()) {
    if (!member.is_folder() && is_licence_file(context.wheel.dist_info, member.name)) {
      drafter.pass_through(member, dist_info + member.name.substr(context.wheel.dist_info.size()));
    }
  }
  drafter.add_text(dist_info_member(context.wheel, "METADATA"), dist_info + "/METADATA",
                   companion_metadata(context.wheel, planned));
  drafter.add_text(dist_info_member(context.wheel, "WHEEL"), dist_info + "/WHEEL",
                   companion_wheel_text(context.wheel, planned));
  return drafter.finish(dist_info_member(context.wheel, "RECORD"), dist_info,
                        to_string(planned.filename));
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
