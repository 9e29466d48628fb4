#include "src/split_command.h"

#include <fmt/format.h>

#include <filesystem>

#include "src/dos_time.h"
#include "src/inventory.h"
#include "src/member_stage.h"
#include "src/open_wheel.h"
#include "src/output_folder.h"
#include "src/output_wheels.h"
#include "src/preload_block.h"
#include "src/python_source.h"
#include "src/split_draft.h"
#include "src/split_plan.h"
#include "src/split_proof.h"
#include "src/split_report.h"
#include "src/talk.h"
#include "wheel/error.h"

namespace spokeshave {

namespace {

namespace fs = std::filesystem;

SplitRequest request_of(const SplitOptions& options, const WheelOutline& outline) {
  SplitRequest request;
  request.limit = options.limit;
  request.move = options.move;
  request.keep = options.keep;
  request.companion = options.companion;
  request.runpath = options.runpath;
  request.package = options.package;
  request.version = new_version(outline.version, options.version, options.suffix);
  return request;
}

std::vector<std::string> file_names(const SplitPlan& plan) {
  std::vector<std::string> names;
  for (const auto& wheel : plan.wheels) {
    names.push_back(to_string(wheel.filename));
  }
  return names;
}

/// Only the libraries of the plan that are to be rewritten.
std::vector<StageJob> stage_jobs(const Inventory& inventory, const SplitPlan& plan) {
  std::vector<StageJob> jobs;
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    if (!plan.libraries[i].edits.empty()) {
      const Library& library = inventory.libraries[i];
      jobs.push_back({library.member, plan.libraries[i].edits, &library.image, library.points});
    }
  }
  return jobs;
}

bool is_over(const Limit& limit, const std::vector<WheelDraft>& drafts) {
  return std::any_of(drafts.begin(), drafts.end(), [&](const WheelDraft& draft) {
    return (limit.installed && draft.size.installed > *limit.installed) ||
           (limit.packed && draft.size.packed > *limit.packed);
  });
}

Inventory inventory_of(const wheel::WheelFile& wheel, unsigned jobs, Progress& progress) {
  auto inventories = take_inventories({&wheel}, jobs, progress, {}, Purpose::kRewriting);
  refuse_damaged_members(inventories);
  Inventory inventory = std::move(inventories.front());
  refuse_unreadable_libraries(inventory);
  return inventory;
}

/// One run over one wheel: what it reads, and how it talks.
class Split {
 public:
  explicit Split(const SplitOptions& options)
      : options_(options),
        style_(output_style(options.talk)),
        progress_(wants_progress(options.talk)),
        epoch_(source_date_epoch()),
        wheel_(open_wheel(options.wheel)),
        outline_(outline(wheel_)),
        request_(request_of(options, outline_)),
        inventory_(inventory_of(wheel_, options.talk.jobs, progress_)),
        subject_{fs::path(options.wheel).filename().string(),
                 {inventory_.installed_bytes, wheel_.archive.file_size()}} {
    progress_.clear();
  }

  ExitCode run() {
    if (already_fits()) {
      say(fmt::format("{} is within the limit already: nothing to split\n", subject_.file_name));
      say_json(within_limit_json(subject_, options_.limit));
      return ExitCode::kDone;
    }
    PackedSizes measured;
    constexpr int kRounds = 4;
    for (int round = 0; round < kRounds; ++round) {
      const SplitAnswer answer = plan_split(outline_, inventory_, request_, measured);
      if (!answer.plan) {
        return report_impossible(*answer.impossible);
      }
      refuse_second_split(*answer.plan);
      if (options_.dry_run) {
        say(plan_text(subject_, inventory_, *answer.plan, style_));
        say_json(split_json(subject_, inventory_, *answer.plan, {}));
        return ExitCode::kDone;
      }
      say(round == 0 ? ""
                     : "\nthe rewritten libraries pack worse than was assumed: a new plan\n\n");
      say(plan_text(subject_, inventory_, *answer.plan, style_));
      if (carry_out(*answer.plan, measured)) {
        return ExitCode::kDone;
      }
    }
    throw Failure(
        ExitCode::kFound, fmt::format("`{}` cannot be split under this limit", subject_.file_name),
        "the rewritten libraries pack too badly", "choose a somewhat larger --max-wheel-size");
  }

 private:
  bool already_fits() const {
    return options_.move.empty() &&
           (!options_.limit.installed || subject_.size.installed <= *options_.limit.installed) &&
           (!options_.limit.packed || subject_.size.packed <= *options_.limit.packed);
  }

  void say(const std::string& text) const {
    if (!options_.talk.quiet && !options_.talk.json) {
      print(text);
    }
  }
  void say_json(const std::string& text) const {
    if (options_.talk.json) {
      print(text);
    }
  }

  /// A new block would take the place of the old one, and what that loads would be loaded no more.
  void refuse_second_split(const SplitPlan& plan) const {
    for (const auto& member : outline_.members) {
      if (!plan.init_path.empty() && member.installed_path == plan.init_path) {
        const std::string source = wheel_.archive.read_text(*wheel_.archive.find(member.name));
        first_statement_offset(source);  // throws where no block can be put into it
        if (without_preload_block(source) != source) {
          throw Failure(ExitCode::kFound, fmt::format("`{}` was split already", subject_.file_name),
                        fmt::format("`{}` holds a preload block", member.name),
                        "split the original wheel, with the new limits");
        }
      }
    }
  }

  void refuse_overwritten_input(const std::vector<std::string>& paths) const {
    for (const auto& path : paths) {
      if (fs::exists(path) && fs::equivalent(path, options_.wheel)) {
        throw Failure(ExitCode::kUsage, fmt::format("cannot write `{}`", path),
                      "it is the wheel that is to be split",
                      "choose another --out, --suffix or --version");
      }
    }
  }

  ExitCode report_impossible(const ImpossibleSplit& why) const {
    say_json(impossible_json(subject_, why));
    throw impossible_failure(subject_, why);
  }

  /// Stages, writes, proves and names the wheels of a plan. False, with `measured` filled in, where
  /// they would be over the limit.
  bool carry_out(const SplitPlan& plan, PackedSizes& measured) {
    const auto paths = free_paths(options_.out_dir, file_names(plan), options_.force);
    refuse_overwritten_input(paths);
    const std::string workplace = existing_folder(options_.out_dir);
    Stage stage(workplace);
    stage.add_libraries(wheel_, stage_jobs(inventory_, plan),
                        "keep it, or what it needs, in its wheel with --keep", options_.talk.jobs,
                        progress_);
    progress_.clear();
    tell_more(options_.talk, stage.notes());
    auto drafts = draft_wheels(wheel_, inventory_, plan, stage, epoch_);
    if (is_over(request_.limit, drafts)) {
      auto packed = stage.packed_sizes();
      packed.merge(measured);
      if (packed == measured) {
        throw Failure(ExitCode::kFound,
                      fmt::format("`{}` cannot be split under this limit", subject_.file_name),
                      "the rewritten libraries pack worse than before, and no other plan is left",
                      "choose a somewhat larger --max-wheel-size");
      }
      measured = std::move(packed);
      return false;
    }
    auto outputs = write_wheels(workplace, drafts, options_.talk.jobs, progress_);
    const SplitProof proof =
        prove_split(outputs, drafts, inventory_, plan, stage, options_.talk.jobs, progress_);
    OutputFolder folder(options_.out_dir);
    publish(outputs, paths, options_.force);
    folder.keep();
    progress_.clear();
    say(result_text(paths, drafts, plan, proof, style_));
    say_json(split_json(subject_, inventory_, plan, {&paths, &drafts, &stage, &proof}));
    return true;
  }

  const SplitOptions& options_;
  const Style style_;
  Progress progress_;
  const std::optional<std::int64_t> epoch_;
  const wheel::WheelFile wheel_;
  const WheelOutline outline_;
  const SplitRequest request_;
  const Inventory inventory_;
  const SplitSubject subject_;
};

}  // namespace

ExitCode run_split(const SplitOptions& options) {
  try {
    if (!options.dry_run) {
      existing_folder(options.out_dir);  // before the long work: can there be such a folder?
    }
    return Split(options).run();
  } catch (const wheel::Error& error) {
    throw unreadable(options.wheel, error);
  }
}

}  // namespace spokeshave
