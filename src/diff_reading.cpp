#include "src/diff_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "src/diff_foreign.h"
#include "src/diff_header.h"
#include "src/diff_hunks.h"
#include "src/diff_lines.h"
#include "src/diff_names.h"

namespace spokeshave {

namespace {

constexpr std::size_t kMostFiles = 100'000;

constexpr std::uint32_t kRegular = 0100000;
constexpr std::uint32_t kSubmodule = 0160000;  // git's own type
constexpr std::uint32_t kSpecialBits = 07000;  // set-user-ID, set-group-ID, sticky

/// With what the line behind `diff --git` begins.
constexpr std::array kGitLines = {
    "old mode ", "new mode ",        "new file mode ", "deleted file mode ", "copy from ",
    "copy to ",  "rename from ",     "rename to ",     "similarity ",        "dissimilarity ",
    "index ",    "GIT binary patch", "Binary files "};

/// Those of them that change what is done, or show that one is near that does.
constexpr std::array kMeaningfulLines = {"old mode 1",          "new mode 1", "new file mode 1",
                                         "deleted file mode 1", "copy from ", "copy to ",
                                         "rename from ",        "rename to "};

class Reader {
 public:
  Reader(std::string_view text, const std::string& diff_name, unsigned strip_count)
      : lines_(text, diff_name), strip_count_(strip_count) {}

  DiffReading read() {
    while (!lines_.done()) {
      const std::size_t before = reading_.files.size();
      if (begins_git()) {
        read_git();
      } else if (begins_plain()) {
        read_plain();
      } else {
        read_text();
      }
      if (reading_.files.size() > before) {
        follows_text_ = false;
        has_stray_header_ = false;
      }
      if (reading_.files.size() > kMostFiles) {
        throw lines_.failure(fmt::format("more than {} files in one diff", kMostFiles),
                             "split the diff into several");
      }
    }
    if (reading_.files.empty()) {
      throw lines_.failure(1, "there is no unified diff in it", kHowToMake);
    }
    return std::move(reading_);
  }

 private:
  /// Git writes at least one more line; without it some text quotes its first.
  bool begins_git() const {
    const auto follows = [&](const char* prefix) { return lines_.following_begins_with(prefix); };
    return lines_.begins_with("diff --git ") &&
           (std::any_of(kGitLines.begin(), kGitLines.end(), follows) ||
            (follows("--- ") && lines_.following_begins_with("+++ ", 2)));
  }

  bool begins_plain() const {
    return lines_.begins_with("--- ") && lines_.following_begins_with("+++ ") &&
           lines_.following_begins_with("@@ -", 2);
  }

  void read_text() {
    refuse_foreign(lines_, !follows_text_);
    const std::string_view line = lines_.line();
    if (line.starts_with("Only in ")) {
      reading_.remarks.push_back(
          fmt::format("line {} names a file that the diff does not hold "
                      "(diff -N would take it in): {}",
                      lines_.number(), shown_line(line)));
    } else if (!line.empty() && !line.starts_with("diff ")) {
      follows_text_ = true;
    }
    const auto begins = [&](const char* prefix) { return line.starts_with(prefix); };
    has_stray_header_ =
        !line.empty() && (has_stray_header_ ||
                          std::any_of(kMeaningfulLines.begin(), kMeaningfulLines.end(), begins));
    lines_.next();
  }

  // ------------------------------------------------------------ git's header

  void read_git() {
    DiffHeader header;
    header.file.is_git = true;
    header.file.line = lines_.number();
    header.git_text = lines_.line().substr(std::string_view("diff --git ").size());
    header.git_names = split_git_names(header.git_text, strip_count_);
    lines_.next();
    while (!lines_.done() && read_git_line(header)) {
      lines_.next();
    }
    if (!lines_.done()) {
      const std::string file = header.git_names ? header.git_names->second : "";
      const bool is_deleted = header.file.kind == FileDiff::Kind::kDelete;
      refuse_foreign(lines_, true, file,
                     is_deleted ? stripped_name(file, strip_count_).value_or("") : "");
    }
    if (!lines_.done() && lines_.begins_with("--- ")) {
      read_names(header);
      take_hunks(header);
    } else {
      check_end(lines_, "lines of a hunk, and no `---`, `+++` and `@@` above them");
    }
    finish(header);
  }

  /// Whether the line is one of git's extended header (git-diff(1)); takes what it says.
  bool read_git_line(DiffHeader& header) {
    using Kind = FileDiff::Kind;
    std::string_view value;
    const auto says = [&](std::string_view name) {
      const bool found = lines_.line().starts_with(name);
      if (found) {
        value = lines_.line().substr(name.size());
      }
      return found;
    };
    FileDiff& file = header.file;
    if (says("old mode ")) {
      read_mode(value);
    } else if (says("new mode ")) {
      file.new_mode = read_mode(value);
    } else if (says("new file mode ")) {
      file.new_mode = read_mode(value);
      file.kind = Kind::kAdd;
    } else if (says("deleted file mode ")) {
      read_mode(value);
      file.kind = Kind::kDelete;
    } else if (says("rename from ") || says("copy from ")) {
      file.kind = lines_.begins_with("rename") ? Kind::kRename : Kind::kCopy;
      header.moved_from = read_moved(value);
      file.old_name = "a/" + unquoted(value).value_or("");
    } else if (says("rename to ") || says("copy to ")) {
      header.moved_to = read_moved(value);
    } else if (says("index ")) {
      if (const auto space = value.find(' '); space != std::string_view::npos) {
        read_mode(value.substr(space + 1));
      }
    } else {
      return says("similarity index ") || says("dissimilarity index ");
    }
    return true;
  }

  std::uint32_t read_mode(std::string_view text) const {
    std::uint32_t mode = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw lines_.failure(fmt::format("{} is no file mode", shown_line(text)),
                           "write it as git does: 100644, or 100755 for a program");
    }
    const std::uint32_t type = mode & kTypeBits;
    if (type == kSymbolicLink || type == kSubmodule) {
      throw lines_.failure(
          fmt::format("mode {} is that of a {}, which a wheel cannot hold", shown_line(text),
                      type == kSubmodule ? "submodule" : "symbolic link"),
          "leave that file out of the diff");
    }
    if (type != kRegular || (mode & kSpecialBits) != 0) {
      throw lines_.failure(fmt::format("mode {} is not that of a plain file", shown_line(text)),
                           "write it as git does: 100644, or 100755 for a program");
    }
    return mode;
  }

  /// The names of renames and copies lack the `a/` and `b/`, so they lose one folder less.
  std::string read_moved(std::string_view text) const {
    const auto name = unquoted(text);
    if (!name) {
      throw broken_name(text);
    }
    return path_of(lines_, lines_.number(), *name, strip_count_ == 0 ? 0 : strip_count_ - 1);
  }

  // ------------------------------------------------------------------- names

  void read_plain() {
    if (has_stray_header_) {  // it would be lost, a rename or mode with it
      throw lines_.failure("the header of a git diff whose line `diff --git` is missing or broken",
                           "make the diff anew");
    }
    DiffHeader header;
    header.file.line = lines_.number();
    read_names(header);
    take_hunks(header);
    finish(header);
  }

  /// The lines `--- ` and `+++ `.
  void read_names(DiffHeader& header) {
    const bool old_is_crlf = lines_.is_crlf();
    header.old_name = read_name(header, true);
    if (lines_.done() || !lines_.begins_with("+++ ")) {
      throw lines_.failure("no line `+++` behind the line `---`", kHowToMake);
    }
    header.file.has_crlf = old_is_crlf && lines_.is_crlf();
    header.new_name = read_name(header, false);
  }

  std::optional<std::string> read_name(DiffHeader& header, bool is_old) {
    const std::string_view text = lines_.line().substr(4);
    const auto name = read_header_name(text);
    if (!name) {
      throw broken_name(text);
    }
    (is_old ? header.old_time_is_zero : header.new_time_is_zero) = name->time_is_zero;
    const bool is_null = name->name == "/dev/null";
    if (is_null) {
      be_missing(header.file, is_old);
    }
    lines_.next();
    return is_null ? std::nullopt : std::optional(name->name);
  }

  void be_missing(FileDiff& file, bool is_old) const {
    const auto kind = is_old ? FileDiff::Kind::kAdd : FileDiff::Kind::kDelete;
    if (file.kind != FileDiff::Kind::kChange && file.kind != kind) {
      throw lines_.failure("/dev/null on a side where there should be a file", kHowToMake);
    }
    file.kind = kind;
  }

  Failure broken_name(std::string_view text) const {
    return lines_.failure(fmt::format("the quotes of the name {} are broken", shown_line(text)),
                          "make the diff anew");
  }

  // ------------------------------------------------------------------- a file

  void take_hunks(DiffHeader& header) {
    if (lines_.done() || !begins_hunk(lines_.raw())) {
      throw lines_.failure("no hunk behind the line `+++`", "make the diff anew");
    }
    header.file.hunks = read_hunks(lines_);
  }

  void finish(DiffHeader& header) {
    header.file.follows_text = follows_text_;
    reading_.files.push_back(file_diff_of(std::move(header), lines_, strip_count_));
  }

  DiffLines lines_;
  unsigned strip_count_;
  bool follows_text_ = false;
  bool has_stray_header_ = false;  ///< lines above are of git's header, without its first
  DiffReading reading_;
};

}  // namespace

DiffReading read_diff(std::string_view text, const std::string& diff_name, unsigned strip_count) {
  refuse_other_encodings(text, diff_name);
  if (text.starts_with("\xef\xbb\xbf")) {
    text.remove_prefix(3);  // a byte order mark, as some editors put it
  }
  return Reader(text, diff_name, strip_count).read();
}

}  // namespace spokeshave
