#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spokeshave {

// Type bits of a Unix mode (inode(7)).
inline constexpr std::uint32_t kTypeBits = 0170000;
inline constexpr std::uint32_t kSymbolicLink = 0120000;

/// One `@@ -old_start,old_count +new_start,new_count @@`, checked: its body has as many lines.
struct DiffHunk {
  std::uint64_t old_start = 0;
  std::uint64_t old_count = 0;
  std::uint64_t new_start = 0;
  std::uint64_t new_count = 0;
  std::string_view body;  ///< the lines behind the header, `\ No newline` included
};

/// What a diff does to one file. Paths are those inside the wheel: stripped and checked.
struct FileDiff {
  enum class Kind : std::uint8_t { kChange, kAdd, kDelete, kRename, kCopy };
  Kind kind = Kind::kChange;
  std::string old_path;  ///< of kAdd: the new one
  std::string new_path;  ///< of kDelete: the old one; two plain names may differ for kChange too
  std::string old_name;  ///< as the diff has it, to try another strip count; empty for kAdd
  std::optional<std::uint32_t> new_mode;  ///< Unix mode with file type, where the diff says one
  std::vector<DiffHunk> hunks;
  bool is_git = false;
  bool has_crlf = false;      ///< the diff's own lines end in CRLF: its hunks' lines do, too
  bool follows_text = false;  ///< another mail or commit may begin here
  std::size_t line = 0;       ///< in the diff, from 1
};

struct DiffReading {
  std::vector<FileDiff> files;
  std::vector<std::string> remarks;  ///< what it says of files that it does not hold
};

/// Reads unified diffs: those of `diff -u` and of git, with any text around them, such as the mail
/// that `git format-patch` makes. Hunks point into `text`. `diff_name` is for messages. Throws
/// Failure, with the line: nothing to apply in it, binary diffs, context and normal diffs, symbolic
/// links and submodules, hunks that do not hold what their headers say, and names that
/// `why_refused` (src/diff_names.h) refuses. The formats: git-diff(1), "Generating patch text";
/// GNU diffutils, "Detailed Unified"; what may stand around: patch(1).
DiffReading read_diff(std::string_view text, const std::string& diff_name, unsigned strip_count);

/// Calls `take` with each line of `text`, its line end included.
template <typename Take>
void for_each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    take(text.substr(0, size));
    text.remove_prefix(size);
  }
}

}  // namespace spokeshave
