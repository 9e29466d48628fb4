#include "src/patch_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "src/dist_info.h"
#include "src/edit_checks.h"
#include "src/failure.h"
#include "src/glob.h"
#include "src/metadata_edits.h"
#include "src/nearest.h"
#include "src/new_members.h"
#include "src/output_wheels.h"
#include "src/preload_edit.h"
#include "src/requested_edits.h"
#include "src/wheel_drafter.h"
#include "wheel/error.h"

namespace spokeshave {

namespace {

std::string octal(std::uint32_t mode) {
  return fmt::format("{:o}", mode & 07777);
}

/// A plan in the making: the new wheel's members by the paths that they have, or would have, in the
/// original.
class Planner {
 public:
  explicit Planner(const PatchInput& input)
      : input_(input),
        wheel_(input.wheel),
        request_(input.request),
        metadata_path_(wheel_.dist_info + "/METADATA"),
        wheel_path_(wheel_.dist_info + "/WHEEL"),
        record_path_(wheel_.dist_info + "/RECORD") {}

  PatchPlan run() {
    check_edits(request_.metadata);
    check_edits(request_.tags);
    take_members();
    take_removals();
    take_diffs();
    take_additions();
    edit_preload_blocks(wheel_, request_, removed_, members_);
    take_modes();
    take_library_edits();
    take_version_and_tags();
    put_in_order();
    note_what_verify_tells();
    return std::move(plan_);
  }

 private:
  void take_members() {
    for (const auto& member : wheel_.archive.members()) {
      if (member.is_folder() || member.name == record_path_) {
        continue;
      }
      if (is_record_signature(wheel_, member.name)) {
        plan_.dropped.push_back(member.name);
      } else {
        order_.push_back(member.name);
        members_[member.name] = {.name = member.name, .from = member.name};
      }
    }
  }

  bool is_needed(const std::string& path) const {
    return path == metadata_path_ || path == wheel_path_ || path == record_path_;
  }

  /// Throws where a GLOB matches nothing.
  std::vector<std::string> matching(const std::string& option, const std::string& glob) const {
    std::vector<std::string> found;
    std::vector<std::string> names;
    for (const auto& [path, member] : members_) {
      if (glob_matches(glob, path)) {
        found.push_back(path);
      }
      names.push_back(glob.find('/') != std::string::npos ? path : std::string(file_name(path)));
    }
    if (found.empty() && glob_matches(glob, record_path_)) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("{} '{}' is meant for `{}`", option, glob, record_path_),
                    "spokeshave writes it anew, so that it fits the wheel",
                    "choose a GLOB that matches other files");
    }
    if (found.empty()) {
      throw Failure(
          ExitCode::kFound, fmt::format("{} '{}' matches no file", option, glob),
          fmt::format("none of the wheel's {} files is called so", members_.size() + 1),
          did_you_mean(glob, names,
                       "a GLOB without `/` matches file names, one with `/` whole paths"));
    }
    return found;
  }

  void take_removals() {
    for (const auto& glob : request_.removals) {
      for (const auto& path : matching("--remove", glob)) {
        if (is_needed(path)) {
          throw Failure(ExitCode::kUsage,
                        fmt::format("--remove '{}' would take out `{}`", glob, path),
                        "without it there is no wheel", "choose a GLOB that leaves it");
        }
        removed_.insert(path);
      }
    }
  }

  /// Renames first: a diff may make a new file where a renamed one was.
  void take_diffs() {
    using Kind = FileChange::Kind;
    for (const auto& change : input_.diffs.changes) {
      if (change.kind == Kind::kRenamed) {
        take_rename(change);
        note_diff(members_.at(change.path), change);
      }
    }
    for (const auto& change : input_.diffs.changes) {
      if (change.kind == Kind::kDeleted) {
        take_deletion(change.path);
      } else if (change.kind != Kind::kRenamed) {
        refuse_removed("a diff", change.path);
        const bool is_new = change.kind == Kind::kAdded || !members_.contains(change.path);
        note_diff(is_new ? add_new(change.path, "a diff") : members_.at(change.path), change);
      }
    }
  }

  void take_deletion(const std::string& path) {
    refuse_removed("a diff", path);
    if (is_needed(path)) {
      throw Failure(ExitCode::kFound, fmt::format("a diff deletes `{}`", path),
                    "without it there is no wheel", "take it out of the diff");
    }
    removed_.insert(path);
  }

  void take_rename(const FileChange& change) {
    refuse_removed("a diff", change.renamed_from);
    if (is_needed(change.renamed_from)) {
      throw Failure(ExitCode::kFound, fmt::format("a diff renames `{}`", change.renamed_from),
                    "without it there is no wheel", "take it out of the diff");
    }
    PatchedMember& member = add_new(change.path, "a diff");
    member.from = change.renamed_from;
    member.changes.push_back(fmt::format("renamed from {}", change.renamed_from));
    members_.erase(change.renamed_from);
    order_.pop_back();
    std::replace(order_.begin(), order_.end(), change.renamed_from, change.path);
  }

  /// An equal CRC-32 says nothing of who wants it to be equal: then the bytes count.
  bool has_content(const wheel::Member& member, const std::string& text) const {
    return member.size == text.size() && member.crc == wheel::crc32_of(text) &&
           wheel_.archive.read_text(member) == text;
  }

  /// What a diff made of a file's text and mode.
  void note_diff(PatchedMember& member, const FileChange& change) {
    if (const std::string& from = change.file.unread_from; !from.empty()) {
      if (member.from != from) {
        member.changes.push_back(fmt::format("copied from {} by a diff", from));
        member.from = from;
      }
      if ((change.file.mode & 07777) != 0) {
        set_mode(member, change.file.mode);
      }
      return;
    }
    const wheel::Member* before = member.from.empty() ? nullptr : wheel_.archive.find(member.from);
    if (before == nullptr) {
      member.kind = PatchedMember::Kind::kText;
      member.text = change.file.content;
      member.mode = change.file.mode;
      member.changes.push_back(fmt::format("added by a diff, {} bytes", member.text.size()));
      return;
    }
    if (!has_content(*before, change.file.content)) {
      member.kind = PatchedMember::Kind::kText;
      member.text = change.file.content;
      if (!is_needed(change.path)) {
        member.changes.push_back(
            fmt::format("changed by a diff, {} -> {} bytes", before->size, member.text.size()));
      }
    }
    if ((change.file.mode & 07777) != 0) {
      set_mode(member, change.file.mode);
    }
  }

  void take_additions() {
    for (const auto& addition : request_.additions) {
      if (is_needed(addition.path)) {
        throw Failure(ExitCode::kUsage, fmt::format("--add cannot replace `{}`", addition.path),
                      "spokeshave writes it anew, so that it fits the wheel",
                      "change METADATA with a diff, or with --drop-requires and the others");
      }
      refuse_removed("--add", addition.path);
      const bool replaces = members_.contains(addition.path);
      PatchedMember& member =
          replaces ? members_.at(addition.path) : add_new(addition.path, "--add");
      if (member.kind != PatchedMember::Kind::kPassed || !member.changes.empty()) {
        throw Failure(ExitCode::kUsage, fmt::format("`{}` is changed twice", addition.path),
                      "there is an --add for it, and another one or a diff",
                      "leave one of them out");
      }
      member.kind = PatchedMember::Kind::kFile;
      member.file = addition.file;
      member.changes.push_back(
          fmt::format("{} by {}", replaces ? "replaced" : "added", addition.file));
    }
  }

  void take_modes() {
    const auto is_removed = [this](const std::string& path) { return removed_.contains(path); };
    std::map<std::string, std::uint32_t> modes;
    for (const auto& change : request_.modes) {
      const auto paths = matching("--chmod", change.glob);
      if (std::all_of(paths.begin(), paths.end(), is_removed)) {
        refuse_removed("--chmod", paths.front());
      }
      for (const auto& path : paths) {
        modes[path] = change.mode;  // the last one counts, as with chmod(1)
      }
    }
    for (const auto& [path, mode] : modes) {
      set_mode(members_.at(path), mode);
    }
  }

  void take_library_edits() {
    for (const auto& path : input_.elf_members) {
      const auto found = members_.find(path);
      if (found == members_.end() || removed_.contains(path) || found->second.from != path ||
          found->second.kind != PatchedMember::Kind::kPassed) {
        throw Failure(ExitCode::kUsage, fmt::format("`{}` is changed twice", path),
                      "a library edit matches it, and it is removed, replaced or renamed as well",
                      "choose a GLOB that leaves it out, or run the tool twice");
      }
      found->second.kind = PatchedMember::Kind::kLibrary;
      found->second.edits = std::make_shared<elf::Edits>(edits_for(request_.library_edits, path));
    }
  }

  bool is_moved() const { return request_.version || request_.suffix; }

  void take_version_and_tags() {
    const wheel::Headers metadata = headers(metadata_path_, input_.metadata);
    const std::string before = wheel_.metadata.get("Version").value_or(wheel_.filename.version);
    refuse_diffed_identity(metadata, before);
    const bool moves = is_moved();
    const std::string version = new_version(before, request_.version, request_.suffix);
    plan_.filename = moves ? new_filename(wheel_.filename, version) : wheel_.filename;
    plan_.dist_info = moves ? dist_info_folder(plan_.filename) : wheel_.dist_info;
    take_tags();
    plan_.requirement =
        fmt::format("{}=={}", metadata.get("Name").value_or(wheel_.filename.distribution), version);
    take_text(
        metadata_path_,
        edited_metadata(metadata, request_.metadata, moves ? std::optional(version) : std::nullopt),
        wheel_.metadata);
    take_text(
        wheel_path_,
        edited_wheel_text(headers(wheel_path_, input_.wheel_text), wheel_.filename, plan_.filename),
        wheel_.wheel);
  }

  void take_tags() {
    wheel::Filename& filename = plan_.filename;
    filename.build = request_.tags.build.value_or(filename.build);
    filename.python_tag = request_.tags.python_tag.value_or(filename.python_tag);
    filename.abi_tag = request_.tags.abi_tag.value_or(filename.abi_tag);
    filename.platform_tag = request_.tags.platform_tag.value_or(filename.platform_tag);
  }

  /// Diffs may change METADATA, but not whose it is.
  void refuse_diffed_identity(const wheel::Headers& metadata, const std::string& version) const {
    if (metadata.get("Name") != wheel_.metadata.get("Name") ||
        metadata.get("Version").value_or("") != version) {
      throw Failure(ExitCode::kFound, "a diff changes Name or Version in METADATA",
                    "file name and folders would no longer fit it",
                    "give the new version with --version or --suffix");
    }
  }

  static wheel::Headers headers(const std::string& path, const std::string& text) {
    try {
      return wheel::Headers(text);
    } catch (const wheel::Error& error) {
      throw Failure(ExitCode::kFound, fmt::format("a diff breaks `{}`", path), error.what(),
                    "mend the diff");
    }
  }

  void take_text(const std::string& path, EditedText&& edited, const wheel::Headers& original) {
    PatchedMember& member = members_.at(path);
    plan_.notes.insert(plan_.notes.end(), edited.notes.begin(), edited.notes.end());
    if (edited.text == original.text()) {
      member.kind = PatchedMember::Kind::kPassed;
      return;
    }
    if (member.kind == PatchedMember::Kind::kText) {
      member.changes.emplace_back("changed by a diff");
    }
    member.kind = PatchedMember::Kind::kText;
    member.text = std::move(edited.text);
    member.changes.insert(member.changes.end(), edited.changes.begin(), edited.changes.end());
  }

  void refuse_removed(const std::string& who, const std::string& path) const {
    if (removed_.contains(path)) {
      throw Failure(ExitCode::kUsage, fmt::format("`{}` is changed and removed", path),
                    fmt::format("{} changes what --remove or another diff takes out", who),
                    "leave one of them out");
    }
  }

  PatchedMember& add_new(const std::string& path, const std::string& who) {
    check_new_path(wheel_, path);
    if (members_.contains(path) || path == record_path_) {
      throw Failure(ExitCode::kFound, fmt::format("{} adds `{}`, which is there", who, path),
                    "the wheel has a file of this name", "take one of them out");
    }
    order_.push_back(path);
    return members_[path] = {.name = path};
  }

  void set_mode(PatchedMember& member, std::uint32_t mode) const {
    const wheel::Member* before = member.from.empty() ? nullptr : wheel_.archive.find(member.from);
    const bool is_so = member.mode ? *member.mode == mode
                                   : before != nullptr && permissions_of(*before) == (mode & 07777);
    if (!is_so) {
      member.mode = mode & 07777;
      member.changes.push_back(fmt::format("mode {}", octal(mode)));
    }
  }

  void put_in_order() {
    if (!input_.diffs.changes.empty() || !request_.additions.empty()) {  // or no path is new
      std::set<std::string> paths(order_.begin(), order_.end());
      std::erase_if(paths, [this](const auto& path) { return removed_.contains(path); });
      refuse_clashes(wheel_, paths);
    }
    plan_.members.reserve(order_.size());
    for (const bool in_dist_info : {false, true}) {
      for (const auto& path : order_) {
        if (path.starts_with(wheel_.dist_info + "/") != in_dist_info) {
          continue;
        }
        if (removed_.contains(path)) {
          plan_.removed.push_back(path);
          continue;
        }
        auto node = members_.extract(path);
        node.mapped().name = is_moved() ? renamed_member(wheel_, path, plan_.filename) : path;
        plan_.members.push_back(std::move(node.mapped()));
      }
    }
  }

  void note_what_verify_tells() {
    const auto is_library = [](const std::string& path) {
      return glob_matches("*.so", path) || glob_matches("*.so.*", path);
    };
    const auto was_library = [&](const FileChange& change) {
      return change.kind == FileChange::Kind::kRenamed && is_library(change.renamed_from);
    };
    const auto& diffed = input_.diffs.changes;
    if (!input_.elf_members.empty() || std::any_of(diffed.begin(), diffed.end(), was_library) ||
        std::any_of(plan_.removed.begin(), plan_.removed.end(), is_library)) {
      plan_.notes.emplace_back(
          "`spokeshave verify --against ORIGINAL` tells what is no longer found");
    }
  }

  const PatchInput& input_;
  const wheel::WheelFile& wheel_;
  const PatchRequest& request_;
  const std::string metadata_path_;
  const std::string wheel_path_;
  const std::string record_path_;
  std::map<std::string, PatchedMember> members_;
  std::vector<std::string> order_;  ///< keys of members_, as they stood; what is new, behind
  std::set<std::string> removed_;
  PatchPlan plan_;
};

}  // namespace

PatchPlan plan_patch(const PatchInput& input) {
  return Planner(input).run();
}

}  // namespace spokeshave
