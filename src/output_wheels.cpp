#include "src/output_wheels.h"

#include <fmt/format.h>

#include <filesystem>

#include "src/failure.h"
#include "src/glob.h"
#include "wheel/error.h"
#include "wheel/version.h"

namespace spokeshave {

namespace {

namespace fs = std::filesystem;

/// As a shell takes it for one word.
std::string shell_quoted(const std::string& word) {
  std::string quoted = "'";
  for (const char letter : printable(word)) {
    quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  }
  return quoted + "'";
}

}  // namespace

std::vector<std::string> free_paths(const std::string& folder,
                                    const std::vector<std::string>& file_names, bool force) {
  std::vector<std::string> paths;
  for (const auto& name : file_names) {
    paths.push_back((fs::path(folder) / name).string());
    if (!force && fs::exists(paths.back())) {
      throw Failure(ExitCode::kFailed, fmt::format("cannot write `{}`", paths.back()),
                    "a file of this name is there",
                    "overwrite it with --force, or choose another --out or --suffix");
    }
  }
  return paths;
}

std::string new_version(const std::string& version, const std::optional<std::string>& whole,
                        const std::optional<std::string>& suffix) {
  try {
    return whole    ? wheel::normalise_version(*whole)
           : suffix ? wheel::with_local(version, *suffix)
                    : version;
  } catch (const wheel::Error& error) {
    throw Failure(ExitCode::kUsage,
                  whole ? fmt::format("--version `{}` is no version", *whole)
                        : fmt::format("--suffix `{}` is no local version", *suffix),
                  error.what(),
                  "a local version has letters and digits, with `.` between its parts");
  }
}

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

std::string install_line(const std::vector<std::string>& paths, const std::string& requirement) {
  const std::string folder(folder_of(paths.front()));
  return fmt::format("pip install --find-links {} {}", shell_quoted(folder.empty() ? "." : folder),
                     shell_quoted(requirement));
}

}  // namespace spokeshave
