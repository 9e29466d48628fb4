#include "src/diff_apply.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <set>
#include <utility>

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

constexpr std::chrono::seconds kTimeLimit{120};  // for all diffs together

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
  DiffApplication(Work& work, std::string name) : work_(work), name_(std::move(name)) {}

  void apply(const std::vector<FileDiff>& files) {
    for (const FileDiff& file : files) {
      if (!is_idle(file)) {
        add(file);
      }
    }
    end_group();
    if (keeps_lf_) {
      work_.outcome.remarks.push_back(
          fmt::format("{}: its own lines end in CRLF; files in LF stay so", name_));
    }
  }

 private:
  DiffStep plan(const FileDiff& file) {
    return plan_step(file, name_, work_.request.strip_count, work_.state);
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
        jobs.push_back({step.file.content, step.diff});
        changed.push_back(&step);
      }
    }
    if (jobs.empty()) {
      return;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(work_.deadline - Clock::now());
    std::vector<PatchedFile> files =
        run_patch_program(work_.request.patch_prog, jobs, work_.folder, left);
    for (std::size_t i = 0; i < files.size(); ++i) {
      check_result(files, i, *changed[i]);
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      note_result(files[i], *changed[i]);
      changed[i]->file.content = std::move(files[i].content);
    }
  }

  void check_result(const std::vector<PatchedFile>& files, std::size_t i, const DiffStep& step) {
    const PatchedFile& file = files[i];
    if (file.was_applied_before) {
      throw cannot_apply(name_,
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
        throw cannot_apply(name_, cause, hint);
      }
    }
    if (file.was_skipped) {
      throw cannot_apply(name_,
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
        work_.outcome.notes.push_back({name_, step.target, hunk.hunk, hunk.lines, hunk.fuzz});
      }
    }
    keeps_lf_ = keeps_lf_ || loses_crlf(*step.diff, step.file.content);
  }

  // ----------------------------------------------------------- in the state

  void check_targets() {
    for (const auto& step : steps_) {
      if (step.kind == Kind::kDelete && !step.file.content.empty()) {
        throw cannot_apply(name_,
                           fmt::format("`{}` is to be deleted, and has other lines", step.target),
                           "make the diff against the files of this wheel");
      }
      const bool is_new = step.kind != Kind::kDelete && step.kind != Kind::kChange;
      if (!is_new || vacated_.contains(step.target)) {
        continue;
      }
      if (const auto& there = work_.state.at(step.target)) {
        const bool is_same = there->content == step.file.content;
        throw cannot_apply(
            name_,
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
  std::string name_;
  std::vector<DiffStep> steps_;
  std::map<std::string, Kind> touched_;  ///< their targets
  std::set<std::string> vacated_;        ///< paths that they leave
  bool keeps_lf_ = false;
};

}  // namespace

DiffOutcome apply_diffs(const DiffRequest& request, const ReadOriginal& read_original,
                        const std::string& scratch_folder) {
  DiffOutcome outcome;
  DiffState state(read_original);
  const std::vector<DiffFile> diffs = list_diffs(request.sources);
  const PrivateFolder folder(scratch_folder);
  Work work{request, state, folder, outcome};
  for (const DiffFile& diff : diffs) {
    const std::string text = read_diff_file(diff);
    const DiffReading reading = read_diff(text, diff.name, request.strip_count);
    for (const auto& remark : reading.remarks) {
      outcome.remarks.push_back(fmt::format("{}: {}", diff.name, remark));
    }
    DiffApplication(work, diff.name).apply(reading.files);
    outcome.diffs.push_back(diff.name);
  }
  outcome.changes = state.changes();
  return outcome;
}

}  // namespace spokeshave
