#include "src/diff_sources.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "src/descriptor.h"
#include "src/failure.h"
#include "src/size.h"

namespace spokeshave {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 64'000'000;

Failure cannot_read(const std::string& path, const std::string& cause, const std::string& hint) {
  return {ExitCode::kFailed, fmt::format("cannot read the diff `{}`", path), cause, hint};
}

std::string words_of(int error) {
  return std::generic_category().message(error);
}

bool is_diff_name(const std::string& name) {
  return !name.starts_with('.') && (name.ends_with(".patch") || name.ends_with(".diff"));
}

/// A pipe among them would be waited for; one that is passed over might be missed.
void check_regular(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw cannot_read(path.string(), error ? error.message() : words_of(ENOENT), "check the link");
  }
  if (!fs::is_regular_file(status)) {
    throw cannot_read(path.string(), "it is no regular file",
                      "take it out of the folder; --patch reads from pipes too");
  }
}

std::vector<std::string> diff_names(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (is_diff_name(name)) {
      check_regular(entry->path());
      names.push_back(name);
    }
  }
  if (error) {
    throw Failure(ExitCode::kFailed, fmt::format("cannot read the folder of diffs `{}`", folder),
                  error.message(),
                  error == std::errc::not_a_directory ? "use --patch for a file"
                                                      : "check the value of --patch-dir");
  }
  std::sort(names.begin(), names.end());
  return names;
}

void add_folder(const std::string& folder, std::vector<DiffFile>& diffs) {
  const auto names = diff_names(folder);
  if (names.empty()) {
    throw Failure(ExitCode::kFailed, fmt::format("no diffs in the folder `{}`", folder),
                  "it holds no *.patch and no *.diff", "check the value of --patch-dir");
  }
  for (const auto& name : names) {
    diffs.push_back({(fs::path(folder) / name).string(), name});
  }
}

}  // namespace

std::vector<DiffFile> list_diffs(const std::vector<DiffSource>& sources) {
  std::vector<DiffFile> diffs;
  for (const auto& source : sources) {
    if (source.is_folder) {
      add_folder(source.path, diffs);
    } else {
      diffs.push_back({source.path, fs::path(source.path).filename().string()});
    }
  }
  return diffs;
}

std::string read_diff_file(const DiffFile& diff) {
  const Descriptor file(open(diff.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    throw cannot_read(diff.path, words_of(errno), "check the path");
  }
  std::string text;
  for (;;) {
    constexpr std::size_t kStep = 1 << 16;
    const std::size_t before = text.size();
    text.resize(before + kStep);
    const ssize_t count = read(file.get(), text.data() + before, kStep);
    const int error = errno;
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0) {
      return text;
    }
    if (count < 0 && error != EINTR) {
      throw cannot_read(diff.path, words_of(error),
                        error == EISDIR ? "use --patch-dir for a folder" : "check the file");
    }
    if (text.size() > kMostBytes) {
      throw cannot_read(diff.path, fmt::format("it has more than {}", format_size(kMostBytes)),
                        "split it into several, or bring whole files in with --add");
    }
  }
}

}  // namespace spokeshave
