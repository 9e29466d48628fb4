#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/diff_apply.h"

namespace spokeshave {

/// The files of a wheel that diffs have named so far: as they were, and as they are now.
class DiffState {
 public:
  explicit DiffState(const Originals& originals) : originals_(originals) {}

  /// What stands at `path` now.
  const std::optional<DiffedFile>& at(const std::string& path) { return entry(path).now; }
  bool exists(const std::string& path) { return at(path).has_value(); }

  /// Reads the content of `file` where it was not read yet. Throws Failure as Originals::read does,
  /// and where all that is read is together over 512 MB.
  void load(DiffedFile& file);
  /// Whether the file at `path` has the content of `file`; not where one is too large to be read.
  bool holds(const std::string& path, const DiffedFile& file);

  void put(const std::string& path, DiffedFile file);
  void remove(const std::string& path);
  /// All of them at once, so that two files can change places: what stood at `from` is gone, and
  /// `to` is `file`.
  struct Move {
    std::string from;
    std::string to;
    DiffedFile file;
  };
  void move(std::vector<Move> moves);

  /// What is different now. Throws Failure where a file stands where another one's folder is.
  std::vector<FileChange> changes();

 private:
  struct Entry {
    std::optional<DiffedFile> original;
    std::optional<DiffedFile> now;
    std::string came_from;  ///< the path that it had first, where it was renamed
  };
  Entry& entry(const std::string& path);
  bool was_renamed(const std::string& path, const Entry& entry) const;
  void check_folders(const std::string& path);
  void count(std::uint64_t bytes);

  const Originals& originals_;
  std::map<std::string, Entry> entries_;
  std::uint64_t bytes_ = 0;
};

}  // namespace spokeshave
