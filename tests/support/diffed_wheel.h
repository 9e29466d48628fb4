#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "src/diff_apply.h"
#include "src/failure.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

namespace support {

using Files = std::map<std::string, spokeshave::DiffedFile>;

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_content(const std::filesystem::path& path, const std::string& content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

/// Diffs in a folder, and the files that a wheel has.
class DiffedWheel {
 public:
  explicit DiffedWheel(Files files) : files_(std::move(files)) {}

  DiffedWheel& with(const std::string& name, const std::string& diff) {
    write_content(dir_ / "diffs" / name, diff);
    return *this;
  }

  spokeshave::DiffOutcome apply(unsigned strip_count = 1, const std::string& program = "patch") {
    std::filesystem::create_directories(dir_ / "scratch");
    spokeshave::DiffRequest request;
    request.sources = {{(dir_ / "diffs").string(), true}};
    request.strip_count = strip_count;
    request.patch_prog = program;
    return spokeshave::apply_diffs(
        request,
        {[&](const std::string& path) -> std::optional<spokeshave::DiffedFile> {
           const auto found = files_.find(path);
           if (found == files_.end()) return std::nullopt;
           return spokeshave::DiffedFile{"", found->second.mode, path};
         },
         [&](const std::string& path) { return files_.at(path).content; }},
        (dir_ / "scratch").string());
  }

  /// The files as they are after the diffs.
  Files patched(unsigned strip_count = 1) {
    Files result = files_;
    for (const auto& change : apply(strip_count).changes) {
      using Kind = spokeshave::FileChange::Kind;
      if (change.kind == Kind::kRenamed) result.erase(change.renamed_from);
      if (change.kind == Kind::kDeleted) {
        result.erase(change.path);
      } else {
        auto& file = result[change.path] = change.file;
        if (!file.unread_from.empty()) file.content = files_.at(file.unread_from).content;
        file.unread_from.clear();
      }
    }
    return result;
  }

  /// What stops them, as the user sees it; nothing is left of the private folder then.
  std::string error(unsigned strip_count = 1, const std::string& program = "patch") {
    try {
      apply(strip_count, program);
    } catch (const spokeshave::Failure& failure) {
      const bool is_left = !std::filesystem::is_empty(dir_ / "scratch");
      std::string text = to_text(failure);
      const std::string folder = (dir_ / "diffs").string() + "/";
      for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
        text.erase(at, folder.size());
      }
      return (is_left ? "the private folder is left behind\n" : "") + text;
    }
    return "no failure";
  }

  const TempDir& dir() const { return dir_; }

 private:
  Files files_;
  TempDir dir_;
};

/// A repository of git's, the judge of what its diffs mean.
class GitRepository {
 public:
  GitRepository() { git({"init", "-q"}); }

  std::string git(std::vector<std::string> words) const {
    words.insert(words.begin(), {"git", "-c", "user.name=n", "-c", "user.email=e@x", "-c",
                                 "core.autocrlf=false", "-c", "core.safecrlf=false"});
    const auto result = run_program(words, {{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"LC_ALL", "C"}},
                                    dir_.path().string());
    if (result.status != 0) throw std::runtime_error("git: " + result.err + result.out);
    return result.out;
  }
  void write(const std::string& path, const std::string& content) const {
    write_content(dir_ / path, content);
  }
  void make_executable(const std::string& path, bool is_executable = true) const {
    namespace fs = std::filesystem;
    fs::permissions(dir_ / path, static_cast<fs::perms>(is_executable ? 0755 : 0644));
  }
  void rename(const std::string& from, const std::string& to) const {
    std::filesystem::create_directories((dir_ / to).parent_path());
    std::filesystem::rename(dir_ / from, dir_ / to);
  }
  void remove(const std::string& path) const { std::filesystem::remove(dir_ / path); }
  void commit(const std::string& message = "a change") const {
    git({"add", "-A"});
    git({"commit", "-q", "--allow-empty", "-m", message});
  }

  /// The files of a commit, with git's modes.
  Files files(const std::string& revision) const {
    Files files;
    const std::string listing = git({"ls-tree", "-r", "-z", revision});
    for (std::size_t at = 0; at < listing.size();) {  // MODE blob HASH\tPATH\0
      const auto end = listing.find('\0', at);
      const std::string line = listing.substr(at, end - at);
      const auto tab = line.find('\t');
      files[line.substr(tab + 1)] = {
          git({"cat-file", "blob", line.substr(12, tab - 12)}),
          static_cast<std::uint32_t>(std::stoul(line.substr(0, 6), nullptr, 8))};
      at = end + 1;
    }
    return files;
  }

 private:
  TempDir dir_;
};

}  // namespace support
