#include "src/diff_apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "src/diff_fit.h"
#include "src/diff_mismatch.h"
#include "src/diff_reading.h"
#include "src/diff_sources.h"
#include "src/diff_state.h"
#include "src/diff_steps.h"
#include "src/failure.h"
#include "src/patch_program.h"
#include "src/private_folder.h"

namespace spokeshave {

namespace {

using Kind = FileDiff::Kind;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTimeLimit{120};       // for all diffs together
constexpr std::chrono::seconds kTimeLimitOfARun{20};  // of GNU patch

/// What all diffs of one call have in common.
struct Work {
  const DiffRequest& request;
  DiffState& state;
  const PrivateFolder& folder;
  DiffOutcome& outcome;
  Clock::time_point deadline = Clock::now() + kTimeLimit;
};

/// Applies one diff. Its files are taken in groups that GNU patch changes in one run. A group is at
/// most one commit: there git's renames and copies are of files as they were before all of it, so
/// that two files can change places. No file is changed twice in a group.
class DiffApplication {
 public:
  DiffApplication(Work& work, const DiffFile& diff) : work_(work), diff_(diff) {}

  void apply(const std::vector<FileDiff>& files) {
    for (const FileDiff& file : files) {
      if (!is_idle(file)) {
        add(file);
      }
    }
    end_group();
    if (keeps_lf_) {
      work_.outcome.remarks.push_back(
          fmt::format("{}: its own lines end in CRLF; files in LF stay so", diff_.name));
    }
  }

 private:
  DiffStep plan(const FileDiff& file) {
    return plan_step(file, diff_.path, work_.request.strip_count, work_.state);
  }

  void add(const FileDiff& file) {
    if ((file.is_git && file.follows_text) || needs_result(file)) {
      end_group();
    }
    DiffStep step = plan(file);
    if (touched_.contains(step.target)) {
      end_group();
      step = plan(file);
    }
    touched_.emplace(step.target, step.kind);
    if (step.kind == Kind::kDelete || step.kind == Kind::kRename) {
      vacated_.insert(step.source);
    }
    steps_.push_back(std::move(step));
  }

  /// Whether it begins with what another one in the group makes, and so cannot be in one commit.
  bool needs_result(const FileDiff& file) {
    const bool is_copy = file.kind == Kind::kCopy;
    if (touched_.contains(file.new_path) ||
        (!is_copy && file.kind != Kind::kAdd && vacated_.contains(file.old_path))) {
      return true;
    }
    const auto source = touched_.find(file.old_path);
    if (source == touched_.end() || file.kind == Kind::kAdd) {
      return false;
    }
    return !work_.state.exists(file.old_path) || (!is_copy && source->second == Kind::kChange);
  }

  void end_group() {
    change_contents();
    check_targets();
    commit();
    steps_.clear();
    touched_.clear();
    vacated_.clear();
  }

  // ----------------------------------------------------------- with GNU patch

  void change_contents() {
    std::vector<PatchJob> jobs;
    std::vector<DiffStep*> changed;
    for (auto& step : steps_) {
      if (!step.diff->hunks.empty()) {
        jobs.push_back({step.file.content, step.diff, diff_.path, step.target});
        changed.push_back(&step);
      }
    }
    if (jobs.empty()) {
      return;
    }
    refuse_hopeless();
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(work_.deadline - Clock::now());
    std::vector<PatchedFile> files =
        run_patch_program(work_.request.patch_prog, jobs, work_.folder,
                          std::min<std::chrono::milliseconds>(left, kTimeLimitOfARun));
    for (std::size_t i = 0; i < files.size(); ++i) {
      check_result(files, i, *changed[i]);
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      note_result(files[i], *changed[i]);
      changed[i]->file.content = std::move(files[i].content);
    }
  }

  void refuse_hopeless() const {
    for (const auto& step : steps_) {
      if (const auto hunk = find_hopeless_hunk(step.file.content, *step.diff)) {
        const auto [cause, hint] =
            explain_mismatch(step.target, step.file.content, *step.diff, *hunk);
        throw cannot_apply(diff_.path, cause, hint);
      }
    }
  }

  void check_result(const std::vector<PatchedFile>& files, std::size_t i, const DiffStep& step) {
    const PatchedFile& file = files[i];
    if (file.was_applied_before) {
      throw cannot_apply(diff_.path,
                         fmt::format("hunk 1 of `{}` seems to be applied already", step.target),
                         "leave out the diffs that the wheel has already");
    }
    for (const auto& hunk : file.hunks) {
      const bool is_of_this_diff = hunk.hunk >= 1 && hunk.hunk <= step.diff->hunks.size();
      if (hunk.kind == HunkResult::Kind::kFailed && is_of_this_diff) {
        auto [cause, hint] =
            explain_mismatch(step.target, step.file.content, *step.diff, hunk.hunk - 1);
        if (const std::size_t failed = count_failed(files); failed > 1) {
          cause += fmt::format(" ({} hunks do not fit in all)", failed);
        }
        throw cannot_apply(diff_.path, cause, hint);
      }
    }
    if (file.was_skipped) {
      throw cannot_apply(diff_.path,
                         fmt::format("the hunks of `{}` do not fit its content", step.target),
                         "make the diff against the files of this wheel");
    }
  }

  static std::size_t count_failed(const std::vector<PatchedFile>& files) {
    std::size_t failed = 0;
    for (const auto& file : files) {
      for (const auto& hunk : file.hunks) {
        failed += hunk.kind == HunkResult::Kind::kFailed ? 1 : 0;
      }
    }
    return failed;
  }

  void note_result(const PatchedFile& file, const DiffStep& step) {
    for (const auto& hunk : file.hunks) {
      if (hunk.lines != 0 || hunk.fuzz != 0) {
        work_.outcome.notes.push_back({diff_.name, step.target, hunk.hunk, hunk.lines, hunk.fuzz});
      }
    }
    keeps_lf_ = keeps_lf_ || loses_crlf(*step.diff, step.file.content);
  }

  // ----------------------------------------------------------- in the state

  void check_targets() {
    for (const auto& step : steps_) {
      if (step.kind == Kind::kDelete && !step.file.content.empty()) {
        throw cannot_apply(diff_.path,
                           fmt::format("`{}` is to be deleted, and has other lines", step.target),
                           "make the diff against the files of this wheel");
      }
      const bool is_new = step.kind != Kind::kDelete && step.kind != Kind::kChange;
      if (!is_new || vacated_.contains(step.target)) {
        continue;
      }
      if (work_.state.exists(step.target)) {
        const bool is_same = work_.state.holds(step.target, step.file);
        throw cannot_apply(
            diff_.path,
            fmt::format("line {}: `{}` is to be made, and exists", step.diff->line, step.target),
            is_same ? "it holds just that: the diff seems to be applied already, leave it out"
                    : "make the diff against the files of this wheel");
      }
    }
  }

  void commit() {
    std::vector<DiffState::Move> moves;
    for (auto& step : steps_) {
      if (step.kind == Kind::kDelete) {
        work_.state.remove(step.source);
      } else if (step.kind == Kind::kRename) {
        moves.push_back({step.source, step.target, std::move(step.file)});
      }
    }
    work_.state.move(std::move(moves));
    for (auto& step : steps_) {
      if (step.kind != Kind::kDelete && step.kind != Kind::kRename) {
        work_.state.put(step.target, std::move(step.file));
      }
    }
  }

  Work& work_;
  const DiffFile& diff_;
  std::vector<DiffStep> steps_;
  std::map<std::string, Kind> touched_;  ///< their targets
  std::set<std::string> vacated_;        ///< paths that they leave
  bool keeps_lf_ = false;
};

PrivateFolder folder_to_work_in(const std::string& parent) {
  try {
    return PrivateFolder(parent.empty() ? std::filesystem::temp_directory_path().string() : parent);
  } catch (const std::system_error& error) {
    throw Failure(ExitCode::kFailed, "no folder for temporary files, which diffs need",
                  error.what(), "set TMPDIR to a folder that can be written to");
  }
}

}  // namespace

DiffOutcome apply_diffs(const DiffRequest& request, const Originals& originals,
                        const std::string& scratch_folder) {
  DiffOutcome outcome;
  if (request.sources.empty()) {
    return outcome;
  }
  DiffState state(originals);
  const std::vector<DiffFile> diffs = list_diffs(request.sources);
  const PrivateFolder folder = folder_to_work_in(scratch_folder);
  Work work{request, state, folder, outcome};
  for (const DiffFile& diff : diffs) {
    const std::string text = read_diff_file(diff);
    const DiffReading reading = read_diff(text, diff.path, request.strip_count);
    for (const auto& remark : reading.remarks) {
      outcome.remarks.push_back(fmt::format("{}: {}", diff.name, remark));
    }
    DiffApplication(work, diff).apply(reading.files);
    outcome.diffs.push_back(diff.name);
  }
  outcome.changes = state.changes();
  return outcome;
}

}  // namespace spokeshave
