#include "src/diff_header.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/diff_names.h"

namespace spokeshave {

namespace {

using Kind = FileDiff::Kind;

constexpr const char* kMakeAnew = "make the diff anew";

/// GNU diff gives the second 0 to a file that is missing (-N). But so do some to all their files:
/// only where that side has no lines is it missing.
void heed_times(DiffHeader& header) {
  const auto& hunks = header.file.hunks;
  if (hunks.size() != 1 || header.file.is_git || header.file.kind != Kind::kChange) {
    return;
  }
  if (header.old_time_is_zero && hunks[0].old_count == 0 && hunks[0].old_start == 0) {
    header.file.kind = Kind::kAdd;
  } else if (header.new_time_is_zero && hunks[0].new_count == 0 && hunks[0].new_start == 0) {
    header.file.kind = Kind::kDelete;
  }
}

/// `diff --git` has the names where no line below has them; else both must say the same. Without
/// quotes its two cannot always be told apart, but they can be put together.
void heed_git_names(DiffHeader& header, const DiffLines& lines) {
  if (!header.file.is_git) {
    return;
  }
  if (header.old_name && header.new_name) {
    const bool is_quoted = header.git_text.find('"') != std::string_view::npos;
    const bool fits = is_quoted ? header.git_names == std::pair(*header.old_name, *header.new_name)
                                : header.git_text == *header.old_name + " " + *header.new_name;
    if (!fits) {
      throw lines.failure(header.file.line,
                          "`diff --git` names other files than the lines below it", kMakeAnew);
    }
  } else if (header.git_names && !header.old_name && !header.new_name) {
    header.old_name = header.git_names->first;
    header.new_name = header.git_names->second;
  }
}

/// A file that is new or gone has one name.
void share_names(DiffHeader& header) {
  if (header.file.kind == Kind::kAdd) {
    header.old_name = header.new_name;
  } else if (header.file.kind == Kind::kDelete) {
    header.new_name = header.old_name;
  }
}

void find_paths(DiffHeader& header, const DiffLines& lines, unsigned strip_count) {
  FileDiff& file = header.file;
  const bool is_moved = file.kind == Kind::kRename || file.kind == Kind::kCopy;
  if (is_moved != (header.moved_from && header.moved_to)) {
    throw lines.failure(file.line, "a rename or copy that lacks its `from` or `to`", kMakeAnew);
  }
  const bool has_names = header.old_name && header.new_name;
  if (!is_moved && !has_names) {
    throw lines.failure(file.line, "it names no file",
                        file.is_git ? "is the --strip-count right?" : kMakeAnew);
  }
  if (has_names) {
    file.old_path = path_of(lines, file.line, *header.old_name, strip_count);
    file.new_path = path_of(lines, file.line, *header.new_name, strip_count);
    file.old_name = *header.old_name;
  }
  if (is_moved && has_names && strip_count > 0 &&
      (file.old_path != header.moved_from || file.new_path != header.moved_to)) {
    throw lines.failure(file.line, "`from` and `to` name other files than the lines around them",
                        "is the --strip-count right? else make the diff anew");
  }
  if (is_moved) {
    file.old_path = *header.moved_from;
    file.new_path = *header.moved_to;
  }
}

/// What begins or ends as nothing has one hunk, with nothing on that side.
void check_hunks(const FileDiff& file, const DiffLines& lines) {
  const bool is_added = file.kind == Kind::kAdd;
  const bool is_deleted = file.kind == Kind::kDelete;
  if (file.hunks.empty() || (!is_added && !is_deleted)) {
    return;
  }
  const DiffHunk& hunk = file.hunks.front();
  if (file.hunks.size() > 1 || (is_added && hunk.old_count != 0) ||
      (is_deleted && hunk.new_count != 0)) {
    throw lines.failure(file.line,
                        is_added ? "a new file with lines that were there before"
                                 : "a deleted file with lines that are there afterwards",
                        kMakeAnew);
  }
}

}  // namespace

std::string path_of(const DiffLines& lines, std::size_t line, const std::string& name,
                    unsigned strip_count) {
  const auto path = stripped_name(name, strip_count);
  if (!path || path->empty()) {
    throw lines.failure(
        line, fmt::format("{} has too few folders to leave out {}", shown_line(name), strip_count),
        fmt::format("use --strip-count {}", std::count(name.begin(), name.end(), '/')));
  }
  // Without its first slash an absolute path would be one inside the wheel, as nobody means it.
  if (name.starts_with('/') && strip_count <= 1) {
    throw lines.failure(line, fmt::format("{} is absolute", shown_line(name)),
                        "give a --strip-count that leaves a path in the wheel");
  }
  if (const std::string why = why_refused(*path); !why.empty()) {
    throw lines.failure(line, fmt::format("it names {}, which {}", shown_line(*path), why),
                        "take that file out of the diff");
  }
  return *path;
}

FileDiff file_diff_of(DiffHeader header, const DiffLines& lines, unsigned strip_count) {
  heed_times(header);
  heed_git_names(header, lines);
  share_names(header);
  find_paths(header, lines, strip_count);
  check_hunks(header.file, lines);
  return std::move(header.file);
}

}  // namespace spokeshave
