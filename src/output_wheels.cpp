#include "src/output_wheels.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "src/failure.h"
#include "src/glob.h"
#include "src/signal_cleanup.h"
#include "src/workers.h"
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

/// A path that gets a new file. The old one keeps a second, hidden name meanwhile, so that it can
/// be put back; where the file system knows no second names it cannot.
class NamedOutput {
 public:
  explicit NamedOutput(const std::string& path) : path_(path) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(path, error))) {
      const fs::path whole(path);
      aside_ = whole.parent_path() /
               fmt::format(".spokeshave-old-{}-{}", getpid(), whole.filename().string());
      remove_on_signal(aside_);
      fs::create_hard_link(path, aside_, error);
      has_old_ = !error;
      replaces_ = true;
    }
  }
  NamedOutput(NamedOutput&& other) noexcept
      : path_(std::move(other.path_)),
        aside_(std::exchange(other.aside_, {})),
        replaces_(other.replaces_),
        has_old_(std::exchange(other.has_old_, false)),
        published_(other.published_) {}
  NamedOutput& operator=(NamedOutput&&) = delete;
  ~NamedOutput() {
    std::error_code ignored;
    if (has_old_) {
      fs::remove(aside_, ignored);
    }
    if (!aside_.empty()) {
      keep_on_signal(aside_);
    }
  }

  void set_published() { published_ = true; }
  void take_back() {
    std::error_code ignored;
    if (published_ && has_old_) {
      fs::rename(aside_, path_, ignored);
      has_old_ = false;
    } else if (published_ && !replaces_) {
      fs::remove(path_, ignored);
    }
  }

 private:
  std::string path_;
  fs::path aside_;
  bool replaces_ = false;
  bool has_old_ = false;
  bool published_ = false;
};

}  // namespace

std::vector<std::string> free_paths(const std::string& folder,
                                    const std::vector<std::string>& file_names, bool force) {
  std::vector<std::string> paths;
  for (const auto& name : file_names) {
    paths.push_back((fs::path(folder) / name).string());
    const auto status = fs::symlink_status(paths.back());
    if (fs::is_directory(status)) {
      throw Failure(ExitCode::kFailed, fmt::format("cannot write `{}`", paths.back()),
                    "a folder of this name is there", "choose another --out or --suffix");
    }
    if (!force && fs::exists(status)) {
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
                  whole ? "a version is as PEP 440 has it: 2.1.2, 2.1.2rc1, 2.1.2+local"
                        : "a local version has letters and digits, with `.` between its parts");
  }
}

std::vector<OutputFile> write_wheels(const std::string& folder, std::vector<WheelDraft>& drafts,
                                     unsigned jobs, Progress& progress) {
  std::uint64_t total = 0;
  for (const auto& draft : drafts) {
    total += draft.size.packed;
  }
  progress.phase("writing", total);
  std::vector<OutputFile> outputs;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    outputs.emplace_back(folder);
  }
  run_parallel(drafts.size(), jobs, [&](std::size_t i) {
    std::uint64_t told = 0;
    drafts[i].writer.write(outputs[i].descriptor(), [&](std::uint64_t written) {
      progress.advance(written - told);
      told = written;
    });
    drafts[i].writer = wheel::ArchiveWriter();  // the proof wants the memory
  });
  return outputs;
}

void publish(std::vector<OutputFile>& outputs, const std::vector<std::string>& paths, bool force) {
  const HoldSignals hold;  // all of them get their names, or none
  std::vector<NamedOutput> named;
  try {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      NamedOutput output(paths[i]);
      outputs[i].publish(paths[i], force);
      output.set_published();
      named.push_back(std::move(output));
    }
  } catch (...) {
    for (auto& output : named) {
      output.take_back();
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
