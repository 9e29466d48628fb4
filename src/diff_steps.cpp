#include "src/diff_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "src/diff_names.h"

namespace spokeshave {

namespace {

using Kind = FileDiff::Kind;

constexpr unsigned kMostStripCount = 12;

/// patch(1), "Selecting the file": of several that exist the one in the fewest folders, then the
/// one with the shortest last part, then the shortest.
std::tuple<std::ptrdiff_t, std::size_t, std::size_t> rank(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::size_t name_size = path.size() - (slash == std::string::npos ? 0 : slash + 1);
  return {std::count(path.begin(), path.end(), '/'), name_size, path.size()};
}

/// The file that a change is about: where a plain diff gives it two names, one of those that exist.
std::string changed_path(const FileDiff& diff, DiffState& state) {
  if (diff.old_path == diff.new_path || !state.exists(diff.old_path)) {
    return diff.new_path;
  }
  if (!state.exists(diff.new_path)) {
    return diff.old_path;
  }
  return rank(diff.new_path) < rank(diff.old_path) ? diff.new_path : diff.old_path;
}

/// Whether all that the diff knows of the file's beginning is that it was empty, or not there.
bool may_be_new(const FileDiff& diff) {
  return diff.kind == Kind::kChange && diff.hunks.size() == 1 && diff.hunks[0].old_start == 0;
}

/// All that a hunk adds to an empty file.
std::string added_text(const DiffHunk& hunk) {
  std::string text;
  for_each_line(hunk.body, [&](std::string_view line) {
    if (line.starts_with('+')) {
      text += line.substr(1);
    } else if (line.starts_with('\\')) {
      text.pop_back();  // the line end of the line before, which is there: read_hunks
    }
  });
  return text;
}

std::optional<unsigned> strip_count_that_fits(const FileDiff& diff, DiffState& state) {
  for (unsigned count = 0; count <= kMostStripCount; ++count) {
    const auto path = stripped_name(diff.old_name, count);
    if (path && !path->empty() && why_refused(*path).empty() && state.exists(*path)) {
      return count;
    }
  }
  return std::nullopt;
}

Failure no_such_file(const std::string& path, const FileDiff& diff, const std::string& diff_name,
                     unsigned strip_count, DiffState& state) {
  const std::string cause = fmt::format("line {}: the wheel has no file `{}`", diff.line, path);
  if (diff.kind == Kind::kRename && state.exists(diff.new_path)) {
    return cannot_apply(
        diff_name, fmt::format("{}, but `{}`, to which it is to be renamed", cause, diff.new_path),
        "it seems to be applied already: leave it out");
  }
  const auto count = strip_count_that_fits(diff, state);
  if (count && *count != strip_count) {
    return cannot_apply(diff_name, cause, fmt::format("use --strip-count {}", *count));
  }
  return cannot_apply(diff_name, cause,
                      diff.kind == Kind::kDelete
                          ? "if it is deleted already leave this diff out"
                          : "is the diff for another version, or --strip-count wrong?");
}

}  // namespace

Failure cannot_apply(const std::string& diff_name, const std::string& cause,
                     const std::string& hint) {
  return {ExitCode::kFound, fmt::format("cannot apply the diff `{}`", diff_name), cause, hint};
}

bool is_idle(const FileDiff& diff) {
  return diff.kind == Kind::kChange && diff.hunks.empty() && !diff.new_mode;
}

DiffStep plan_step(const FileDiff& diff, const std::string& diff_name, unsigned strip_count,
                   DiffState& state) {
  DiffStep step{&diff, diff.kind, diff.old_path, diff.new_path, {}};
  if (diff.kind == Kind::kChange) {
    step.target = changed_path(diff, state);
    step.source = step.target;
  }
  if (may_be_new(diff) && !state.exists(step.target)) {
    step.kind = Kind::kAdd;
  }
  if (step.kind != Kind::kAdd) {
    const auto& there = state.at(step.source);
    if (!there) {
      throw no_such_file(step.source, diff, diff_name, strip_count, state);
    }
    step.file = *there;
    if ((there->mode & kTypeBits) == kSymbolicLink) {
      throw cannot_apply(diff_name, fmt::format("`{}` is a symbolic link", step.source),
                         "take that file out of the diff");
    }
  }
  if (!diff.hunks.empty() || diff.kind == Kind::kDelete) {
    state.load(step.file);
  }
  if (may_be_new(diff) && step.kind == Kind::kChange && !step.file.content.empty() &&
      step.file.content == added_text(diff.hunks[0])) {
    throw cannot_apply(diff_name,
                       fmt::format("`{}` holds already what is to be added", step.target),
                       "leave out the diffs that the wheel has already");
  }
  step.file.mode = diff.new_mode.value_or(step.file.mode);
  return step;
}

}  // namespace spokeshave
