#include "src/diff_hunks.h"

#include <fmt/format.h>

#include <optional>

#include "src/text_scan.h"

namespace spokeshave {

namespace {

// A file of a wheel that diffs touch has 64 MB at most, and so not more lines.
constexpr std::uint64_t kMostLines = 1U << 30U;
constexpr std::size_t kMostHunks = 200'000;

constexpr const char* kMakeAnew = "was it changed by hand or cut off? make the diff anew";

/// A line number or a count of lines.
std::optional<std::uint64_t> take_lines(std::string_view& text) {
  const auto number = take_number<std::uint64_t>(text);
  return number && *number <= kMostLines ? number : std::nullopt;
}

/// `12,3` or `12`, which has the count 1.
bool take_range(std::string_view& text, std::uint64_t& start, std::uint64_t& count) {
  const auto first = take_lines(text);
  const bool has_count = first && skip(text, ",");
  const auto second = has_count ? take_lines(text) : 1;
  if (!first || !second) {
    return false;
  }
  start = *first;
  count = *second;
  return start != 0 || count == 0;
}

DiffHunk read_header(const DiffLines& lines) {
  DiffHunk hunk;
  std::string_view rest = lines.line();
  if (!skip(rest, "@@ -") || !take_range(rest, hunk.old_start, hunk.old_count) ||
      !skip(rest, " +") || !take_range(rest, hunk.new_start, hunk.new_count) ||
      !skip(rest, " @@")) {
    throw lines.failure(fmt::format("no hunk begins with {}", shown_line(lines.line())), kMakeAnew);
  }
  if (hunk.old_count == 0 && hunk.new_count == 0) {
    throw lines.failure("a hunk without any lines", kMakeAnew);
  }
  return hunk;
}

/// Counts the lines of a hunk down.
class Body {
 public:
  Body(DiffLines& lines, const DiffHunk& hunk)
      : lines_(lines), old_left_(hunk.old_count), new_left_(hunk.new_count) {}

  void read() {
    while (old_left_ > 0 || new_left_ > 0) {
      if (lines_.done()) {
        throw lines_.failure("the diff ends in the middle of a hunk", kMakeAnew);
      }
      take_line();
      lines_.next();
    }
    if (!lines_.done() && lines_.begins_with("\\")) {
      take_no_newline();
      lines_.next();
    }
  }

  bool ends_without_newline() const { return old_ended_ || new_ended_; }

 private:
  void take_line() {
    const std::string_view line = lines_.raw();
    // Mail programs take away the space of an empty line.
    const char first = line.empty() || line == "\r" ? ' ' : line.front();
    const bool is_old = first == ' ' || first == '-';
    const bool is_new = first == ' ' || first == '+';
    if (first == '\\') {
      take_no_newline();
      return;
    }
    if (!is_old && !is_new) {
      throw lines_.failure(fmt::format("{} in the middle of a hunk, which should have more lines",
                                       shown_line(lines_.line())),
                           kMakeAnew);
    }
    if ((is_old && (old_left_ == 0 || old_ended_)) || (is_new && (new_left_ == 0 || new_ended_))) {
      throw lines_.failure("the hunk's lines are not those that its header counts", kMakeAnew);
    }
    old_left_ -= is_old ? 1 : 0;
    new_left_ -= is_new ? 1 : 0;
    before_ = first;
  }

  /// `\ No newline at end of file`: the line before it is its side's last, or both sides'.
  void take_no_newline() {
    const bool is_old = before_ == ' ' || before_ == '-';
    const bool is_new = before_ == ' ' || before_ == '+';
    if ((!is_old && !is_new) || (is_old && old_left_ > 0) || (is_new && new_left_ > 0)) {
      throw lines_.failure("a file's last line in the middle of a hunk", kMakeAnew);
    }
    old_ended_ = old_ended_ || is_old;
    new_ended_ = new_ended_ || is_new;
    before_ = '\0';
  }

  DiffLines& lines_;
  std::uint64_t old_left_;
  std::uint64_t new_left_;
  bool old_ended_ = false;
  bool new_ended_ = false;
  char before_ = '\0';  ///< how the line before began; none where `\` stood there
};

}  // namespace

bool begins_hunk(std::string_view line) {
  return line.starts_with("@@ -");
}

std::vector<DiffHunk> read_hunks(DiffLines& lines) {
  std::vector<DiffHunk> hunks;
  while (!lines.done() && begins_hunk(lines.raw())) {
    DiffHunk hunk = read_header(lines);
    if (!hunks.empty() && hunk.old_start < hunks.back().old_start + hunks.back().old_count) {
      throw lines.failure("this hunk begins before the one above it ends", kMakeAnew);
    }
    if (hunks.size() == kMostHunks) {
      throw lines.failure(fmt::format("more than {} hunks for one file", kMostHunks),
                          "split the diff into several");
    }
    lines.next();
    const std::size_t begin = lines.offset();
    Body body(lines, hunk);
    body.read();
    hunk.body = lines.text_between(begin, lines.offset());
    check_end(lines, "the hunk has more lines than its header counts");
    if (body.ends_without_newline() && !lines.done() && begins_hunk(lines.raw())) {
      throw lines.failure("a hunk behind the file's last line", kMakeAnew);
    }
    hunks.push_back(hunk);
  }
  return hunks;
}

void check_end(const DiffLines& lines, const char* cause) {
  if (lines.done()) {
    return;
  }
  const std::string_view line = lines.line();
  const bool is_signature = line == "-- " || line == "--";  // RFC 3676, 4.3
  const bool is_file = line.starts_with("--- ");
  const bool goes_on =
      line.starts_with('+') || (line.starts_with('-') && !is_signature && !is_file);
  const bool is_context =
      line.starts_with(' ') && line.find_first_not_of(' ') != std::string_view::npos;
  if (goes_on || is_context) {
    throw lines.failure(cause, kMakeAnew);
  }
}

}  // namespace spokeshave
