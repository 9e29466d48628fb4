#include "src/patch_wheel.h"

#include <fmt/format.h>

#include <filesystem>

#include "src/diff_apply.h"
#include "src/dos_time.h"
#include "src/elf_magic.h"
#include "src/failure.h"
#include "src/glob.h"
#include "src/member_check.h"
#include "src/member_source.h"
#include "src/open_wheel.h"
#include "src/output_folder.h"
#include "src/output_wheels.h"
#include "src/patch_plan.h"
#include "src/patch_report.h"
#include "src/patched_texts.h"
#include "src/requested_edits.h"
#include "src/size.h"
#include "src/talk.h"
#include "wheel/error.h"
#include "wheel/member_stream.h"

namespace spokeshave {

namespace {

namespace fs = std::filesystem;

bool is_elf_member(const wheel::WheelFile& wheel, const wheel::Member& member) {
  wheel::MemberStream stream(wheel.archive, member);
  MemberSource source(stream);
  return begins_as_elf(source);
}

void tell(const std::string& text, const PatchOptions& options) {
  if (!options.talk.quiet && !options.talk.json) {
    print(text);
  }
}

/// The ELF files that a library edit is meant for. Throws Failure for an edit that is meant for
/// none.
std::set<std::string> edited_members(const wheel::WheelFile& wheel,
                                     const std::vector<LibraryEdit>& edits) {
  std::set<std::string> found;
  std::vector<std::string> libraries;  // for the nearest name
  for (const auto& member : wheel.archive.members()) {
    const bool matches = std::any_of(edits.begin(), edits.end(), [&](const LibraryEdit& edit) {
      return glob_matches(edit.glob, member.name);
    });
    if (member.is_folder()) {
      continue;
    }
    if (matches && is_elf_member(wheel, member)) {
      found.insert(member.name);
      libraries.push_back(member.name);
    } else if (!matches && member.name.find(".so") != std::string::npos) {
      libraries.push_back(member.name);
    }
  }
  refuse_unmatched(edits, libraries);
  return found;
}

/// Takes those members out of which there is nothing to tell, once they are drafted: most of them.
void let_go_untouched(PatchPlan& plan) {
  plan.let_go += std::erase_if(plan.members, [](const PatchedMember& member) {
    return member.kind == PatchedMember::Kind::kPassed && member.changes.empty();
  });
  plan.members.shrink_to_fit();
}

/// One run over one wheel.
class WheelPatch {
 public:
  WheelPatch(const std::string& path, const PatchRequest& request, const PatchOptions& options)
      : path_(path),
        request_(request),
        options_(options),
        style_(output_style(options.talk)),
        progress_(wants_progress(options.talk)),
        epoch_(source_date_epoch()),
        out_dir_(options.out_dir.value_or(".")),
        wheel_(open_wheel(path)),
        workplace_(existing_folder(out_dir_)),
        stage_(workplace_) {}

  PreparedWheel run() {
    if (options_.check_input) {
      check_members(wheel_, options_.talk.jobs, progress_);
    }
    const DiffOutcome diffs = apply_diffs(request_.diffs, originals());
    const auto edited = edited_members(wheel_, request_.library_edits);
    PatchPlan plan = plan_patch({wheel_, request_, diffs, edited,
                                 text_after(diffs, wheel_.dist_info + "/METADATA"),
                                 text_after(diffs, wheel_.dist_info + "/WHEEL")});
    refuse_faulty_texts(wheel_, plan);
    const std::string path = output_path(plan);
    stage_members(plan);
    progress_.clear();
    tell_more(options_.talk, stage_.notes());
    const PatchSubject subject{fs::path(path_).filename().string(), wheel_.archive.file_size(),
                               plan, diffs, stage_};
    say(patch_text(subject, style_));
    return options_.dry_run ? PreparedWheel{.output = {},
                                            .path = path,
                                            .written_text = {},
                                            .json = patched_wheel_json(subject, nullptr)}
                            : write(subject, plan, path);
  }

 private:
  void say(const std::string& text) {
    progress_.clear();
    tell(text, options_);
  }

  Originals originals() const {
    const auto find = [this](const std::string& path) -> std::optional<DiffedFile> {
      const wheel::Member* member = wheel_.archive.find(path);
      if (member == nullptr || member->is_folder()) {
        return std::nullopt;
      }
      return DiffedFile{.content = {},
                        .mode = member->mode == 0 ? std::uint32_t{0100644} : member->mode,
                        .unread_from = path};
    };
    const auto read = [this](const std::string& path) {
      const wheel::Member& member = *wheel_.archive.find(path);
      if (member.size > kMostTextBytes) {
        throw Failure(ExitCode::kFailed, fmt::format("diffs cannot change `{}`", path),
                      fmt::format("it has {}, and for a diff a file has {} at most",
                                  format_size(member.size), format_size(kMostTextBytes)),
                      "leave the file out of the diff: bring the new one in with --add, or take it "
                      "out with --remove");
      }
      return checked_text(wheel_, member);
    };
    return {find, read};
  }

  std::string text_after(const DiffOutcome& diffs, const std::string& member) const {
    for (const auto& change : diffs.changes) {
      if (change.path == member && change.kind == FileChange::Kind::kChanged) {
        return change.file.unread_from.empty()
                   ? change.file.content
                   : checked_text(wheel_, *wheel_.archive.find(change.file.unread_from));
      }
    }
    return checked_text(wheel_, *wheel_.archive.find(member));
  }

  std::string output_path(const PatchPlan& plan) const {
    const std::string name = to_string(plan.filename);
    return options_.dry_run ? (fs::path(out_dir_) / name).string()
                            : free_output(path_, name, options_);
  }

  void stage_members(const PatchPlan& plan) {
    std::vector<StageJob> jobs;
    for (const auto& member : plan.members) {
      if (member.kind == PatchedMember::Kind::kLibrary) {
        jobs.push_back({member.from, *member.edits});
      } else if (member.kind == PatchedMember::Kind::kFile) {
        stage_.add_file(member.name, member.file, options_.talk.jobs);
      }
    }
    if (jobs.empty()) {
      return;
    }
    stage_.add_libraries(wheel_, jobs, "leave this library out of the GLOB", options_.talk.jobs,
                         progress_);
    std::vector<EditedLibrary> libraries;
    libraries.reserve(jobs.size());
    for (const auto& job : jobs) {
      libraries.push_back({job.member, &stage_.find_library(job.member)->before});
    }
    refuse_unneeded(request_.library_edits, libraries);
  }

  WheelDraft draft(const PatchPlan& plan) const {
    WheelDrafter drafter(wheel_, epoch_);
    for (const auto& member : plan.members) {
      add(drafter, member);
    }
    for (const auto& member : plan.dropped) {
      drafter.drop(member);
    }
    return drafter.finish(plan.dist_info, to_string(plan.filename));
  }

  void add(WheelDrafter& drafter, const PatchedMember& member) const {
    // What is new takes its time from METADATA, which every wheel has.
    const wheel::Member& like =
        *wheel_.archive.find(member.from.empty() ? wheel_.dist_info + "/METADATA" : member.from);
    using Kind = PatchedMember::Kind;
    const StagedLibrary* library =
        member.kind == Kind::kLibrary ? stage_.find_library(member.from) : nullptr;
    if (library != nullptr && library->changed()) {
      drafter.add_library(like, member.name, stage_, *library, member.mode);
    } else if (member.kind == Kind::kFile) {
      drafter.add_file(like, member.name, stage_, *stage_.find_file(member.name),
                       member.mode.value_or(mode_on_disk(member.file)));
    } else if (member.kind == Kind::kText) {
      drafter.add_text(like, member.name, member.text, member.mode);
    } else {
      drafter.pass_through(like, member.name, member.mode);
    }
  }

  /// As pip has it: executable or not.
  static std::uint32_t mode_on_disk(const std::string& file) {
    return (fs::status(file).permissions() & fs::perms::owner_exec) != fs::perms::none ? 0755
                                                                                       : 0644;
  }

  /// `subject` tells of `plan`.
  PreparedWheel write(const PatchSubject& subject, PatchPlan& plan, const std::string& path) {
    std::vector<WheelDraft> drafts;
    drafts.push_back(draft(plan));
    let_go_untouched(plan);
    auto outputs = write_wheels(workplace_, drafts, options_.talk.jobs, progress_);
    const PatchResult result{path, drafts.front().size.packed,
                             prove_written(outputs, drafts, options_.talk.jobs, progress_)};
    progress_.clear();
    return {.output = std::move(outputs.front()),
            .path = path,
            .written_text = patched_text(subject, result, style_),
            .json = patched_wheel_json(subject, &result)};
  }

  const std::string& path_;
  const PatchRequest& request_;
  const PatchOptions& options_;
  const Style style_;
  Progress progress_;
  const std::optional<std::int64_t> epoch_;
  const std::string out_dir_;
  const wheel::WheelFile wheel_;
  const std::string workplace_;
  Stage stage_;
};

}  // namespace

std::string free_output(const std::string& wheel, const std::string& name,
                        const PatchOptions& options) {
  const std::string folder = options.out_dir.value_or(".");
  const fs::path path = fs::path(folder) / name;
  if (!options.force && fs::exists(path) && fs::exists(wheel) && fs::equivalent(path, wheel)) {
    throw Failure(ExitCode::kUsage, fmt::format("cannot write `{}`", path.string()),
                  "it is the wheel that is to be patched",
                  "give the new one a version of its own with --suffix, or another --out; "
                  "--force replaces the wheel");
  }
  return free_paths(folder, {name}, options.force).front();
}

PreparedWheel prepare_wheel(const std::string& path, const PatchRequest& request,
                            const PatchOptions& options) {
  try {
    return WheelPatch(path, request, options).run();
  } catch (const wheel::Error& error) {
    throw unreadable(path, error);
  }
}

void publish_wheels(std::vector<PreparedWheel>& wheels, const PatchOptions& options) {
  std::vector<OutputFile> outputs;
  std::vector<std::string> paths;
  for (auto& wheel : wheels) {
    outputs.push_back(std::move(*wheel.output));
    paths.push_back(wheel.path);
  }
  OutputFolder folder(options.out_dir.value_or("."));
  publish(outputs, paths, options.force);
  folder.keep();
  for (const auto& wheel : wheels) {
    tell(wheel.written_text, options);
  }
}

}  // namespace spokeshave
