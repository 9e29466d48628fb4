#include "src/split_command.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

#include "src/dos_time.h"
#include "src/inventory.h"
#include "src/open_wheel.h"
#include "src/output_folder.h"
#include "src/preload_block.h"
#include "src/python_source.h"
#include "src/split_draft.h"
#include "src/split_plan.h"
#include "src/split_proof.h"
#include "src/split_report.h"
#include "src/split_stage.h"
#include "src/talk.h"
#include "wheel/error.h"
#include "wheel/version.h"

namespace spokeshave {

namespace {

namespace fs = std::filesystem;

std::string new_version(const SplitOptions& options, const std::string& version) {
  try {
    return options.version ? wheel::normalise_version(*options.version)
                           : wheel::with_local(version, options.suffix);
  } catch (const wheel::Error& error) {
    throw Failure(
        ExitCode::kUsage,
        options.version ? fmt::format("--version `{}` is no version", *options.version)
                        : fmt::format("--suffix `{}` is no local version", options.suffix),
        error.what(), "a local version has letters and digits, with `.` between its parts");
  }
}

SplitRequest request_of(const SplitOptions& options, const WheelOutline& outline) {
  SplitRequest request;
  request.limit = options.limit;
  request.move = options.move;
  request.keep = options.keep;
  request.companion = options.companion;
  request.runpath = options.runpath;
  request.package = options.package;
  request.version = new_version(options, outline.version);
  return request;
}

/// Before the long work: are the names free?
std::vector<std::string> output_paths(const SplitOptions& options, const SplitPlan& plan) {
  std::vector<std::string> paths;
  for (const auto& wheel : plan.wheels) {
    paths.push_back((fs::path(options.out_dir) / to_string(wheel.filename)).string());
    if (!options.force && fs::exists(paths.back())) {
      throw Failure(ExitCode::kFailed, fmt::format("cannot write `{}`", paths.back()),
                    "a file of this name is there",
                    "overwrite it with --force, or choose another --out or --suffix");
    }
    if (fs::exists(paths.back()) && fs::equivalent(paths.back(), options.wheel)) {
      throw Failure(ExitCode::kUsage, fmt::format("cannot write `{}`", paths.back()),
                    "it is the wheel that is to be split",
                    "choose another --out, --suffix or --version");
    }
  }
  return paths;
}

bool is_over(const Limit& limit, const std::vector<WheelDraft>& drafts) {
  return std::any_of(drafts.begin(), drafts.end(), [&](const WheelDraft& draft) {
    return (limit.installed && draft.size.installed > *limit.installed) ||
           (limit.packed && draft.size.packed > *limit.packed);
  });
}

/// Into nameless files on the file system of `folder`.
std::vector<OutputFile> write_wheels(const std::string& folder, std::vector<WheelDraft>& drafts,
                                     Progress& progress) {
  std::uint64_t total = 0;
  for (const auto& draft : drafts) {
    total += draft.size.packed;
  }
  progress.phase("writing", total);
  std::vector<OutputFile> outputs;
  for (auto& draft : drafts) {
    outputs.emplace_back(folder);
    std::uint64_t told = 0;
    draft.writer.write(outputs.back().descriptor(), [&](std::uint64_t written) {
      progress.advance(written - told);
      told = written;
    });
  }
  return outputs;
}

/// All or none: when one cannot get its name, those that did lose theirs, unless they took the
/// place of an older file.
void publish(std::vector<OutputFile>& outputs, const std::vector<std::string>& paths, bool force) {
  std::vector<std::string> fresh;
  try {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const bool replaces = fs::exists(paths[i]);
      outputs[i].publish(paths[i], force);
      if (!replaces) {
        fresh.push_back(paths[i]);
      }
    }
  } catch (...) {
    for (const auto& path : fresh) {
      std::error_code ignored;
      fs::remove(path, ignored);
    }
    throw;
  }
}

Inventory inventory_of(const wheel::WheelFile& wheel, unsigned jobs, Progress& progress) {
  auto inventories = take_inventories({&wheel}, jobs, progress);
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

  ExitCode report_impossible(const ImpossibleSplit& why) const {
    say_json(impossible_json(subject_, why));
    throw impossible_failure(subject_, why);
  }

  /// Stages, writes, proves and names the wheels of a plan. False, with `measured` filled in, where
  /// they would be over the limit.
  bool carry_out(const SplitPlan& plan, PackedSizes& measured) {
    const auto paths = output_paths(options_, plan);
    const std::string workplace = existing_folder(options_.out_dir);
    Stage stage(workplace);
    stage.fill(wheel_, inventory_, plan, options_.talk.jobs, progress_);
    auto drafts = draft_wheels(wheel_, inventory_, plan, stage, epoch_);
    if (is_over(request_.limit, drafts)) {
      auto packed = stage.packed_sizes(inventory_);
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
    auto outputs = write_wheels(workplace, drafts, progress_);
    const SplitProof proof =
        prove_split(outputs, drafts, inventory_, plan, options_.talk.jobs, progress_);
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
