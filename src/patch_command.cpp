#include "src/patch_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "src/edit_checks.h"
#include "src/elf_file_patch.h"
#include "src/nearest.h"
#include "src/output_wheels.h"
#include "src/patch_report.h"
#include "src/patch_wheel.h"
#include "src/recipe.h"
#include "src/recipe_writing.h"
#include "src/requested_edits.h"
#include "src/talk.h"
#include "wheel/error.h"
#include "wheel/filename.h"

namespace spokeshave {

namespace {

namespace fs = std::filesystem;

bool is_wheel_name(const std::string& path) {
  return path.ends_with(".whl");
}

wheel::Filename filename_of(const std::string& path) {
  try {
    return wheel::parse_filename(fs::path(path).filename().string());
  } catch (const wheel::Error& error) {
    throw Failure(ExitCode::kFailed, fmt::format("cannot read `{}`", path), error.what(),
                  "a wheel's file name is NAME-VERSION-PYTHON-ABI-PLATFORM.whl");
  }
}

/// The command line's requests alone, or, with a recipe, those of the table that is the wheel's.
PatchRequest request_for(const std::string& path, const PatchOptions& options,
                         const std::optional<Recipe>& recipe) {
  if (!recipe) {
    return options.request;
  }
  const wheel::Filename filename = filename_of(path);
  if (const PatchRequest* request = find(*recipe, filename.distribution, filename.version)) {
    return *request;
  }
  std::vector<std::string> tables;
  for (const auto& table : recipe->tables) {
    tables.push_back(table.version ? fmt::format("{}=={}", table.distribution, *table.version)
                                   : table.distribution);
  }
  const std::string wanted =
      fmt::format("{}=={}", wheel::normalise_name(filename.distribution), filename.version);
  throw Failure(
      ExitCode::kFound, fmt::format("the recipe says nothing of `{}`", path),
      fmt::format("there is no table `{}` in `{}`", wanted, *options.recipe),
      did_you_mean(wanted, tables, fmt::format("a table for it begins with [\"{}\"]", wanted)));
}

/// Throws for what makes no sense where the files are no wheels.
void check_for_elf_files(const PatchOptions& options) {
  PatchRequest others = options.request;
  others.library_edits.clear();
  const bool asks_more = !others.empty() || options.recipe || options.print_recipe;
  if (asks_more) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("`{}` is no wheel: only its names and search paths can be edited",
                              options.files.front()),
                  "metadata, diffs, files and recipes are for wheels",
                  "give only options that `spokeshave patch --help` lists under Libraries");
  }
  if (options.check_input) {
    throw Failure(ExitCode::kUsage, "--check-input is for wheels, not for ELF files",
                  "it compares members with RECORD", "leave it out");
  }
}

void check_for_wheels(const PatchOptions& options) {
  if (options.in_place) {
    throw Failure(ExitCode::kUsage, "--in-place is for ELF files, not for wheels",
                  "a wheel is written anew, and gets its name when it is proved",
                  "leave it out; --force lets the new wheel take the place of the old one");
  }
}

ElfFilePatch file_patch(const std::string& file, const PatchOptions& options) {
  return {.path = file,
          .edits = edits_for(options.request.library_edits, file),
          .out_folder = options.out_dir,
          .force = options.force,
          .in_place = options.in_place,
          .dry_run = options.dry_run};
}

/// Before the first file is written: has each a place of its own?
void check_outputs(const PatchOptions& options) {
  std::set<std::string> paths;
  for (const auto& file : options.files) {
    const std::string path = output_path(file_patch(file, options));
    if (!paths.insert(fs::absolute(path).lexically_normal()).second) {
      throw Failure(ExitCode::kUsage, fmt::format("two files would become `{}`", path),
                    options.out_dir ? "they have one file name" : "it is named twice",
                    options.out_dir ? "patch them into a folder each: --out" : "name it once");
    }
  }
}

/// Likewise: can each be patched, and does each edit change something?
void try_elf_files(const PatchOptions& options) {
  if (!options.dry_run) {
    check_outputs(options);
  }
  std::vector<PatchedElfFile> tried;
  for (const auto& file : options.files) {
    ElfFilePatch patch = file_patch(file, options);
    patch.dry_run = true;
    tried.push_back(patch_elf_file(patch));
  }
  std::vector<EditedLibrary> libraries;
  for (std::size_t i = 0; i < tried.size(); ++i) {
    libraries.push_back({options.files[i], &tried[i].before});
  }
  refuse_unneeded(options.request.library_edits, libraries);
}

void patch_elf_files(const PatchOptions& options) {
  check_for_elf_files(options);
  refuse_unmatched(options.request.library_edits, options.files);
  try_elf_files(options);
  std::vector<std::string> results;
  for (const auto& file : options.files) {
    const PatchedElfFile patched = patch_elf_file(file_patch(file, options));
    results.push_back(patched_file_json(patched));
    if (!options.talk.json && !options.talk.quiet) {
      print(elf_file_text(patched, output_style(options.talk)));
    }
  }
  if (options.talk.json) {
    print(patch_json({}, results));
  }
}

void print_recipe(const PatchOptions& options) {
  check_edits(options.request.metadata);
  check_edits(options.request.tags);
  std::vector<std::string> keys;
  for (const auto& file : options.files) {
    const wheel::Filename filename = filename_of(file);
    new_version(filename.version, options.request.version, options.request.suffix);
    const std::string key =
        fmt::format("{}=={}", wheel::normalise_name(filename.distribution), filename.version);
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      keys.push_back(key);
    }
  }
  for (const auto& key : keys) {
    print(recipe_text(key, options.request));
  }
}

/// The last one must not take the place of another.
void refuse_same_output(const std::vector<PreparedWheel>& wheels) {
  const std::string& path = wheels.back().path;
  if (std::count_if(wheels.begin(), wheels.end(),
                    [&](const PreparedWheel& wheel) { return wheel.path == path; }) > 1) {
    throw Failure(ExitCode::kUsage, fmt::format("two wheels would become `{}`", path),
                  "they are of one name, version and tags", "patch them into a folder each: --out");
  }
}

void patch_wheels(const PatchOptions& options) {
  check_for_wheels(options);
  if (options.print_recipe) {
    print_recipe(options);
    return;
  }
  std::optional<Recipe> recipe;
  if (options.recipe) {
    recipe = read_recipe(*options.recipe);
  }
  std::vector<PatchRequest> requests;  // all of them, before the first wheel is written
  for (const auto& file : options.files) {
    requests.push_back(request_for(file, options, recipe));
  }
  std::vector<PreparedWheel> wheels;
  std::vector<std::string> results;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    wheels.push_back(prepare_wheel(options.files[i], requests[i], options));
    refuse_same_output(wheels);
    results.push_back(wheels.back().json);
  }
  if (!options.dry_run) {
    publish_wheels(wheels, options);
  }
  if (options.talk.json) {
    print(patch_json(results, {}));
  }
}

}  // namespace

ExitCode run_patch(const PatchOptions& options) {
  const auto wheels = std::count_if(options.files.begin(), options.files.end(), is_wheel_name);
  if (wheels != 0 && wheels != static_cast<std::ptrdiff_t>(options.files.size())) {
    throw Failure(ExitCode::kUsage, "wheels and other files cannot be patched in one run",
                  "an edit means a member of the one, and the whole of the other",
                  "run the tool once for each kind");
  }
  if (wheels != 0) {
    patch_wheels(options);
  } else {
    patch_elf_files(options);
  }
  return ExitCode::kDone;
}

}  // namespace spokeshave
