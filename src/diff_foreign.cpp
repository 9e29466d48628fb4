#include "src/diff_foreign.h"

#include <fmt/format.h>

#include <algorithm>

namespace spokeshave {

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

/// `Binary files a/x and b/x differ` of GNU diff and git, `Files a/x and b/x differ` of diff -q.
bool says_that_they_differ(std::string_view line) {
  return (line.starts_with("Binary files ") || line.starts_with("Files ")) &&
         line.ends_with(" differ");
}

/// `3d2`, `5,7c8` and the like of a normal diff, `3d`, `5,7c` of an ed script.
bool is_ed_command(std::string_view line) {
  const auto letter = line.find_first_not_of("0123456789,");
  return letter != std::string_view::npos && letter > 0 && line.size() < 60 &&
         line.find_first_of("acd", letter) == letter && line[0] != ',' &&
         line.find_first_not_of("0123456789,", letter + 1) == std::string_view::npos;
}

bool is_context_diff(const DiffLines& lines) {
  return lines.begins_with("*** ") && lines.following_begins_with("--- ") &&
         lines.following_begins_with("***************", 2);
}

bool is_encoded_mail(std::string_view line) {
  constexpr std::string_view kField = "content-transfer-encoding:";
  if (line.size() < kField.size() || line.size() > 100 || (line[0] != 'C' && line[0] != 'c')) {
    return false;
  }
  const std::string text = lower(line);
  return text.starts_with(kField) && (text.find("base64") != std::string::npos ||
                                      text.find("quoted-printable") != std::string::npos);
}

}  // namespace

void refuse_foreign(const DiffLines& lines, bool expects_diff, const std::string& file,
                    const std::string& deleted) {
  const std::string_view line = lines.line();
  if (line == "GIT binary patch" || (expects_diff && says_that_they_differ(line))) {
    throw lines.failure(fmt::format("a binary diff, of which GNU patch can make nothing: {}",
                                    file.empty() ? shown_line(line) : fmt::format("`{}`", file)),
                        deleted.empty()
                            ? "leave the file out of the diff, and bring it in with --add"
                            : fmt::format("leave the file out of the diff, and take it out with "
                                          "--remove '{}'",
                                          deleted));
  }
  if (line.starts_with("diff --cc ") || line.starts_with("diff --combined ")) {
    throw lines.failure("the combined diff of a merge", "make it against one of the parents");
  }
  if (is_context_diff(lines)) {
    throw lines.failure("a context diff; only unified ones are taken", kHowToMake);
  }
  if (is_ed_command(line) &&
      (expects_diff || lines.following_begins_with("< ") || lines.following_begins_with("> "))) {
    throw lines.failure("a normal diff or an ed script; only unified diffs are taken", kHowToMake);
  }
  if (expects_diff && lines.begins_with("--- ") && lines.following_begins_with("+++ ") &&
      !lines.following_begins_with("@@ -", 2)) {
    throw lines.failure("`---` and `+++`, and no hunk below them", kHowToMake);
  }
  if (line.starts_with("@@ -") && line.find_first_of("0123456789", 4) == 4) {
    throw lines.failure("a hunk without the names of files", kHowToMake);
  }
  if (is_encoded_mail(line)) {
    throw lines.failure("a mail with encoded text", "save it decoded, e.g. with git mailinfo");
  }
}

void refuse_other_encodings(std::string_view text, const std::string& diff_name) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    throw DiffLines(text, diff_name)
        .failure("it is UTF-16, as the `>` of Windows PowerShell writes it",
                 "let the program write the file itself: git diff --output=FILE");
  }
  const auto nul = text.find('\0');
  if (nul != std::string_view::npos) {
    const auto line = 1 + std::count(text.begin(), text.begin() + nul, '\n');
    throw DiffLines(text, diff_name)
        .failure(static_cast<std::size_t>(line), "a NUL byte: it is binary, or a binary file's",
                 "leave the file out of the diff, and bring it in with --add");
  }
}

}  // namespace spokeshave
