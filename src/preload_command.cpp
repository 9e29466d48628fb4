#include "src/preload_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <tuple>
#include <utility>

#include "src/dist_info.h"
#include "src/glob.h"
#include "src/open_wheel.h"
#include "src/output_folder.h"
#include "src/output_wheels.h"
#include "src/patch_wheel.h"
#include "src/preload_formats.h"
#include "src/preload_json.h"
#include "src/preload_package.h"
#include "src/preload_plan.h"
#include "src/preload_report.h"
#include "src/read_wheels.h"
#include "src/talk.h"
#include "src/text_file.h"
#include "wheel/error.h"
#include "wheel/filename.h"

namespace spokeshave {

namespace {

/// The others in an order of their own, so that nothing depends on the user's.
std::vector<std::string> in_fixed_order(std::vector<std::string> paths) {
  std::sort(paths.begin() + 1, paths.end(), [](const std::string& a, const std::string& b) {
    return std::tuple(file_name(a), std::string_view(a)) <
           std::tuple(file_name(b), std::string_view(b));
  });
  return paths;
}

/// The main wheel first, then by name.
std::vector<InspectedWheel> by_name(std::vector<InspectedWheel> wheels) {
  std::stable_sort(wheels.begin() + 1, wheels.end(),
                   [](const InspectedWheel& a, const InspectedWheel& b) {
                     return wheel::normalise_name(a.name) < wheel::normalise_name(b.name);
                   });
  return wheels;
}

/// Where the list is not enough, and for whatever is to load it: what stops it.
Failure not_whole(const PreloadPlan& plan, const char* what) {
  const std::string cause =
      plan.missing.empty()
          ? fmt::format("libraries that need each other cannot be loaded: {}",
                        std::find_if(plan.circles.begin(), plan.circles.end(),
                                     [](const PreloadCircle& circle) { return !circle.loads; })
                            ->how)
          : fmt::format("`{}` will be missing: {}", printable(plan.missing.front().name),
                        plan.missing.front().why);
  return {ExitCode::kFound, fmt::format("{}: the import would fail", what), cause,
          plan.missing.empty() ? "take a NEEDED out of one of them with `spokeshave patch`"
                               : plan.missing.front().way_out};
}

/// What --write asks of `patch`, but for the block.
PatchOptions patch_options(const PreloadOptions& options) {
  PatchOptions patch;
  patch.files = {options.wheels.front()};
  patch.request.suffix = options.suffix;
  patch.request.version = options.version;
  patch.check_input = options.check_input;
  patch.dry_run = options.dry_run;
  patch.out_dir = options.out_dir;
  patch.force = options.force;
  patch.talk = options.talk;
  return patch;
}

/// One run over some wheels.
class Preload {
 public:
  explicit Preload(const PreloadOptions& options)
      : options_(options),
        paths_(in_fixed_order(options.wheels)),
        progress_(wants_progress(options.talk)),
        read_(read_wheels(paths_, options.output, "give one wheel of each", options.talk.jobs,
                          progress_)),
        inspection_(inspect(by_name(std::move(read_.wheels)), Layout::kSitePackages)),
        plan_(plan_preload(inspection_, read_.outlines.front(), request())) {
    progress_.clear();
  }

  ExitCode run() {
    if (options_.write) {
      write();
    } else {
      write_out(text());
    }
    return plan_.is_whole() ? ExitCode::kDone : ExitCode::kFound;
  }

 private:
  PreloadRequest request() const {
    return {options_.package, options_.global,
            new_version(read_.outlines.front().version, options_.version, options_.suffix)};
  }

  std::string list() const {
    const Style style = options_.output.empty() ? output_style(options_.talk)
                                                : Style(options_.talk.color == Color::kAlways);
    return preload_list(inspection_, plan_, style);
  }

  std::string text() const {
    if (options_.talk.json) {
      return preload_json(inspection_, plan_, std::nullopt);
    }
    switch (options_.format.value_or(PreloadFormat::kList)) {
      case PreloadFormat::kPython:
        return block() + "\n";
      case PreloadFormat::kSitecustomize:
        return preload_sitecustomize(plan_.lines(), package_of(init_path()));
      case PreloadFormat::kBazel:
        return preload_diff(read_.files.front(), init_path(), block());
      case PreloadFormat::kList:
      case PreloadFormat::kJson:
        break;
    }
    return list();
  }

  std::string block() const { return preload_block(plan_.lines(), init_path()); }

  /// Of what is to load the libraries. Throws Failure where they cannot all be loaded.
  const std::string& init_path() const {
    if (!plan_.is_whole()) {
      throw not_whole(plan_, options_.write ? "nothing was written" : "nothing was made");
    }
    if (plan_.init_path.empty()) {
      throw Failure(ExitCode::kFound,
                    fmt::format("`{}` has no package that could load them", paths_.front()),
                    "no package that needs them has an `__init__.py`",
                    "name one that is imported before, with --package, or load by other means what "
                    "`--format list` shows");
    }
    return plan_.init_path;
  }

  void write_out(const std::string& text) const {
    const bool is_mere_talk = options_.talk.quiet && !options_.talk.json && !options_.format;
    if (!options_.output.empty()) {
      write_text_file(options_.output, text);
    } else if (!is_mere_talk) {
      print(text);
    }
  }

  void write() {
    if (!options_.talk.json) {
      write_out(list());
    }
    std::string written;
    try {
      written = written_wheel();
    } catch (const Failure& failure) {
      if (options_.talk.json && failure.code() == ExitCode::kFound) {
        write_out(preload_json(inspection_, plan_, std::nullopt));
      }
      throw;
    }
    if (options_.talk.json) {
      write_out(preload_json(inspection_, plan_, written));
    }
  }

  /// Writes it, and returns the object for the JSON document.
  std::string written_wheel() {
    PatchOptions patch = patch_options(options_);
    patch.request.preload = PreloadEdit{init_path(), block()};
    if (!options_.talk.json) {
      write_out("\n");
    }
    std::vector<PreparedWheel> wheels;
    wheels.push_back(prepare_wheel(paths_.front(), patch.request, patch));
    std::string written = wheels.front().json;
    if (!options_.dry_run) {
      publish_wheels(wheels, patch);
    }
    return written;
  }

  const PreloadOptions& options_;
  const std::vector<std::string> paths_;
  Progress progress_;
  ReadWheels read_;
  const Inspection inspection_;
  const PreloadPlan plan_;
};

/// Before the long work. The wheel's name tells its version, and is checked when it is opened.
void refuse_taken_name(const PreloadOptions& options) {
  existing_folder(options.out_dir.value_or("."));
  const std::string& path = options.wheels.front();
  std::optional<wheel::Filename> filename;
  try {
    filename = wheel::parse_filename(std::string(file_name(path)));
  } catch (const wheel::Error&) {
    return;
  }
  if (options.suffix || options.version) {
    filename =
        new_filename(*filename, new_version(filename->version, options.version, options.suffix));
  }
  free_output(path, to_string(*filename), patch_options(options));
}

}  // namespace

ExitCode run_preload(const PreloadOptions& options) {
  try {
    if (options.write && !options.dry_run) {
      refuse_taken_name(options);
    }
    return Preload(options).run();
  } catch (const wheel::Error& error) {
    throw unreadable(options.wheels.front(), error);
  }
}

}  // namespace spokeshave
