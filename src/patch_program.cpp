#include "src/patch_program.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "src/failure.h"
#include "src/program_run.h"

namespace spokeshave {

namespace {

constexpr const char* kDiffName = "diff";
constexpr const char* kIsIt = "is it GNU patch, 2.7 or later? --patch-prog names another";

Failure cannot_run(const std::string& cause, const std::string& hint) {
  return {ExitCode::kFailed, "cannot apply diffs with GNU patch", cause, hint};
}

Failure cannot_start(const std::string& program, int error) {
  if (error == ENOENT) {
    return cannot_run(fmt::format("there is no program `{}`", program),
                      "install GNU patch (Debian's package `patch`), or name it with --patch-prog");
  }
  return cannot_run(
      fmt::format("`{}` does not start: {}", program, std::generic_category().message(error)),
      "name another program with --patch-prog");
}

void append_line(std::string& text, std::string_view line, bool drop_cr) {
  const bool has_end = line.ends_with('\n');
  if (has_end) {
    line.remove_suffix(1);
  }
  if (line.ends_with('\r') && (drop_cr || line.starts_with('\\'))) {
    line.remove_suffix(1);
  }
  if (line.empty() || line == "\r") {
    text += ' ';  // of an empty line, whose space got lost on the way
  }
  text.append(line).append("\n");
}

/// The hunks of all jobs, with our names above them.
std::string plain_diff(const std::vector<PatchJob>& jobs) {
  std::string text;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const FileDiff& diff = *jobs[i].diff;
    const bool drop_cr = loses_crlf(diff, jobs[i].content);
    fmt::format_to(std::back_inserter(text), "--- {0}\n+++ {0}\n", i);
    for (const DiffHunk& hunk : diff.hunks) {
      fmt::format_to(std::back_inserter(text), "@@ -{},{} +{},{} @@\n", hunk.old_start,
                     hunk.old_count, hunk.new_start, hunk.new_count);
      for_each_line(hunk.body, [&](std::string_view line) { append_line(text, line, drop_cr); });
    }
  }
  return text;
}

/// A program named by a path with a slash is found from here, not from the private folder.
std::string findable(const std::string& program) {
  return program.find('/') == std::string::npos ? program
                                                : std::filesystem::absolute(program).string();
}

/// patch(1), "ENVIRONMENT", less what could change the way of working or of speaking.
std::vector<std::string> patch_environment(const std::string& folder) {
  std::vector<std::string> variables = plain_environment(
      {"LANG", "LANGUAGE", "PATCH_GET", "PATCH_VERSION_CONTROL", "POSIXLY_CORRECT", "QUOTING_STYLE",
       "SIMPLE_BACKUP_SUFFIX", "TEMP", "TMP", "TMPDIR", "VERSION_CONTROL"});
  variables.push_back("PATCH_GET=0");
  variables.push_back("TMPDIR=" + folder);
  return variables;
}

ProgramCall call_for(const std::string& program, const PrivateFolder& folder,
                     std::chrono::milliseconds limit) {
  return {.words = {findable(program), "--batch", "--forward", "--binary", "--unified", "--strip=0",
                    "--get=0", "--no-backup-if-mismatch", "--reject-file=-",
                    std::string("--input=") + kDiffName},
          .input = {},
          .folder = folder.path(),
          .environment = patch_environment(folder.path()),
          .limits = {.time = limit, .output_bytes = 64U << 20U}};
}

/// What keeps GNU patch busy are hunks that it has to look for, line by line.
Failure too_late(const std::string& program, const std::vector<PatchJob>& jobs,
                 std::chrono::milliseconds limit) {
  const PatchJob& longest =
      *std::max_element(jobs.begin(), jobs.end(), [](const PatchJob& a, const PatchJob& b) {
        return a.diff->hunks.size() * a.content.size() < b.diff->hunks.size() * b.content.size();
      });
  return {ExitCode::kFailed,
          fmt::format("cannot apply the diff `{}` with GNU patch", longest.diff_path),
          fmt::format("`{}` has not done {} hunks of `{}` in {:.3g} s", program,
                      longest.diff->hunks.size(), longest.target,
                      static_cast<double>(limit.count()) / 1000),
          "hunks that do not stand where the diff says take long: make it against this wheel's "
          "files"};
}

/// Status 0: all went well; 1: hunks did not fit; all else is trouble (patch(1), "DIAGNOSTICS").
void check_end(const std::string& program, const ProgramEnd& end) {
  if (end.start_error != 0) {
    throw cannot_start(program, end.start_error);
  }
  if (end.said_too_much) {
    throw cannot_run(fmt::format("`{}` speaks without end", program), kIsIt);
  }
  if (!WIFEXITED(end.status) || WEXITSTATUS(end.status) > 1) {
    throw cannot_run(how_it_ended(program, end), kIsIt);
  }
}

/// Only the files that were put there may be there.
std::vector<PatchedFile> read_files(const std::string& program, std::size_t count,
                                    const PrivateFolder& folder) {
  std::vector<PatchedFile> files(count);
  std::size_t found = 0;
  for (auto& file : files) {
    const std::string name = std::to_string(&file - files.data());
    if (auto content = folder.read(name)) {
      file.content = std::move(*content);
      ++found;
    }
  }
  if (found != count || folder.names().size() != count + 1) {
    throw cannot_run(
        fmt::format("`{}` left other files behind than those it was to change", program), kIsIt);
  }
  return files;
}

std::int64_t line_count(std::string_view text) {
  const bool has_open_end = !text.empty() && !text.ends_with('\n');
  return std::count(text.begin(), text.end(), '\n') + (has_open_end ? 1 : 0);
}

bool has_failed_hunk(const PatchedFile& file) {
  return std::any_of(file.hunks.begin(), file.hunks.end(),
                     [](const HunkResult& hunk) { return hunk.kind == HunkResult::Kind::kFailed; });
}

/// Whether the file has as many lines as the hunks make of it, and is another one than before.
bool did_it(const PatchJob& job, const PatchedFile& file) {
  std::int64_t lines = line_count(job.content);
  bool changes = false;
  for (const DiffHunk& hunk : job.diff->hunks) {
    lines += static_cast<std::int64_t>(hunk.new_count) - static_cast<std::int64_t>(hunk.old_count);
    for_each_line(hunk.body, [&](std::string_view line) {
      changes = changes || line.starts_with('-') || line.starts_with('+');
    });
  }
  return lines == line_count(file.content) && (!changes || file.content != job.content);
}

/// It is trusted with files, not with the truth: what it says must fit how it ended, and what it
/// did must fit the diff.
void check_work(const std::string& program, const ProgramEnd& end,
                const std::vector<PatchJob>& jobs, const std::vector<PatchedFile>& files) {
  bool has_trouble = false;
  for (const auto& file : files) {
    has_trouble =
        has_trouble || file.was_skipped || file.was_applied_before || has_failed_hunk(file);
  }
  if ((WEXITSTATUS(end.status) != 0) != has_trouble) {
    throw cannot_run(how_it_ended(program, end) + " and does not say why", kIsIt);
  }
  for (std::size_t i = 0; i < jobs.size() && !has_trouble; ++i) {
    if (!did_it(jobs[i], files[i])) {
      throw cannot_run(fmt::format("`{}` did not do what the diff says", program), kIsIt);
    }
  }
}

}  // namespace

bool loses_crlf(const FileDiff& diff, std::string_view content) {
  const auto end = content.find('\n');
  const bool file_has_crlf = end != std::string_view::npos && end > 0 && content[end - 1] == '\r';
  return diff.has_crlf && !file_has_crlf;
}

std::vector<PatchedFile> run_patch_program(const std::string& program,
                                           const std::vector<PatchJob>& jobs,
                                           const PrivateFolder& folder,
                                           std::chrono::milliseconds limit) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    folder.write(std::to_string(i), jobs[i].content);
  }
  folder.write(kDiffName, plain_diff(jobs));
  const ProgramEnd end = run_program(call_for(program, folder, limit));
  if (end.was_late) {
    throw too_late(program, jobs, limit);
  }
  check_end(program, end);
  std::vector<PatchedFile> files = read_files(program, jobs.size(), folder);
  read_patch_output(end.out, files);
  folder.clear();
  check_work(program, end, jobs, files);
  return files;
}

}  // namespace spokeshave
