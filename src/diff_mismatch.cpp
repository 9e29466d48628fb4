#include "src/diff_mismatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "src/diff_lines.h"
#include "src/patch_program.h"

namespace spokeshave {

namespace {

// To look for the best place takes lines of the file times lines of the hunk.
constexpr std::size_t kMostBytes = 16'000'000;
constexpr std::size_t kMostHunkLines = 60;
constexpr std::size_t kMostComparisons = 40'000'000;

constexpr const char* kMakeAnew = "make the diff against the files of this wheel";

using Lines = std::vector<std::string_view>;

std::string_view without_end(std::string_view line) {
  line.remove_suffix(line.ends_with('\n') ? 1 : 0);
  return line;
}

std::string_view without_cr(std::string_view line) {
  line.remove_suffix(line.ends_with('\r') ? 1 : 0);
  return line;
}

Lines lines_of(std::string_view content) {
  Lines lines;
  for_each_line(content, [&](std::string_view line) { lines.push_back(without_end(line)); });
  return lines;
}

/// What the hunk takes to be there: its context and the lines that it removes.
Lines expected_lines(const DiffHunk& hunk, bool drop_cr) {
  Lines lines;
  for_each_line(hunk.body, [&](std::string_view line) {
    line = without_end(line);
    const bool is_old = line.empty() || line[0] == ' ' || line[0] == '-' || line[0] == '\r';
    if (is_old) {
      line.remove_prefix(line.empty() || line[0] == '\r' ? 0 : 1);
      lines.push_back(drop_cr ? without_cr(line) : line);
    }
  });
  return lines;
}

/// Empty lines and lone brackets are the same everywhere, and say little about the place.
unsigned weight(std::string_view line) {
  const auto first = line.find_first_not_of(" \t\r");
  const auto last = line.find_last_not_of(" \t\r");
  return first == last ? 1 : 4;
}

unsigned likeness(const Lines& file, const Lines& hunk, std::size_t at) {
  unsigned sum = 0;
  const std::size_t count = std::min(hunk.size(), kMostHunkLines);
  for (std::size_t i = 0; i < count && at + i < file.size(); ++i) {
    sum += file[at + i] == hunk[i] ? weight(hunk[i]) : 0;
  }
  return sum;
}

/// The place where the hunk is most at home; the one nearest to `wanted` of several.
std::size_t best_place(const Lines& file, const Lines& hunk, std::size_t wanted) {
  const std::size_t window =
      kMostComparisons / std::clamp<std::size_t>(hunk.size(), 1, kMostHunkLines);
  const std::size_t begin = wanted > window / 2 ? wanted - window / 2 : 0;
  const std::size_t end = std::min(file.size(), begin + window);
  const auto distance = [&](std::size_t at) { return at > wanted ? at - wanted : wanted - at; };
  std::size_t best = wanted;
  unsigned most = 0;
  for (std::size_t at = begin; at < end; ++at) {
    const unsigned sum = likeness(file, hunk, at);
    if (sum > most || (sum == most && sum > 0 && distance(at) < distance(best))) {
      best = at;
      most = sum;
    }
  }
  return best;
}

std::string squeezed(std::string_view line) {
  std::string result;
  std::copy_if(line.begin(), line.end(), std::back_inserter(result),
               [](char c) { return c != ' ' && c != '\t' && c != '\r'; });
  return result;
}

/// How much of both is the same, where that would fill the room that a message has.
std::size_t common_size(std::string_view a, std::string_view b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  const auto size = static_cast<std::size_t>(end - a.begin());
  return size > 30 ? size - 10 : 0;
}

std::string shown_from(std::string_view line, std::size_t begin) {
  return begin == 0 ? shown_line(line) : shown_line("..." + std::string(line.substr(begin, 100)));
}

/// `expects "x" at line 145, where "y" stands`.
Mismatch compare(std::string_view wanted, std::string_view there, std::size_t line) {
  if (without_cr(wanted) == without_cr(there)) {
    const bool file_has = there.ends_with('\r');
    return {fmt::format("line {} ends in {}, and in the diff in {}", line, file_has ? "CRLF" : "LF",
                        file_has ? "LF" : "CRLF"),
            "make the diff with the line ends of this wheel (git: core.autocrlf=false)"};
  }
  const std::size_t begin = common_size(wanted, there);
  const bool only_spaces = squeezed(wanted) == squeezed(there);
  return {fmt::format("expects {} at line {}, where {} stands{}", shown_from(wanted, begin), line,
                      shown_from(there, begin), only_spaces ? ": the spaces differ" : ""),
          only_spaces ? "did a mail program or an editor change the diff?" : kMakeAnew};
}

std::optional<Mismatch> first_difference(const Lines& file, const Lines& hunk, std::size_t place) {
  for (std::size_t i = 0; i < hunk.size(); ++i) {
    if (place + i >= file.size()) {
      return Mismatch{fmt::format("expects {} at line {}, and the file ends at line {}",
                                  shown_line(hunk[i]), place + i + 1, file.size()),
                      kMakeAnew};
    }
    if (file[place + i] != hunk[i]) {
      return compare(hunk[i], file[place + i], place + i + 1);
    }
  }
  return std::nullopt;
}

/// Whether `\ No newline` stands behind a line that was there before.
bool expects_open_end(const DiffHunk& hunk) {
  char before = '\0';
  bool result = false;
  for_each_line(hunk.body, [&](std::string_view line) {
    result = result || (line[0] == '\\' && before != '+');
    before = line[0];
  });
  return result;
}

/// Where all lines are the same: one side's last line may lack its end, which counts as well.
Mismatch explain_last_line(bool file_is_open, bool diff_is_open) {
  if (file_is_open == diff_is_open) {
    return {"does not fit, though its lines stand there", kMakeAnew};
  }
  return {fmt::format("expects {} line end behind the last line, where {} is",
                      diff_is_open ? "no" : "a", file_is_open ? "none" : "one"),
          kMakeAnew};
}

}  // namespace

Mismatch explain_mismatch(const std::string& path, std::string_view content, const FileDiff& diff,
                          std::size_t hunk) {
  const DiffHunk& wrong = diff.hunks[hunk];
  Mismatch mismatch{fmt::format("does not fit at line {}", wrong.old_start), kMakeAnew};
  if (content.empty()) {
    mismatch.cause = "expects lines, and the file is empty";
  } else if (content.size() <= kMostBytes) {
    const Lines file = lines_of(content);
    const Lines expected = expected_lines(wrong, loses_crlf(diff, content));
    const std::size_t wanted = wrong.old_start - (wrong.old_count > 0 ? 1 : 0);
    mismatch = first_difference(file, expected, best_place(file, expected, wanted))
                   .value_or(explain_last_line(!content.ends_with('\n'), expects_open_end(wrong)));
  }
  mismatch.cause = fmt::format("hunk {} of `{}` {}", hunk + 1, path, mismatch.cause);
  return mismatch;
}

}  // namespace spokeshave
