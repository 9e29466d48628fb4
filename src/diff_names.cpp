#include "src/diff_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "wheel/error.h"
#include "wheel/member_name.h"

namespace spokeshave {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

/// Whether `text` begins like `2023-12-14 09:08`: `d` stands for a digit.
bool looks_like(std::string_view text, std::string_view pattern) {
  return text.size() >= pattern.size() &&
         std::equal(pattern.begin(), pattern.end(), text.begin(),
                    [](char wanted, char c) { return wanted == 'd' ? is_digit(c) : wanted == c; });
}

constexpr std::string_view kIsoTime = "dddd-dd-dd dd:dd";

/// `1970-01-01 01:00:00.000000000 +0100` and the like: the second 0 in whatever zone.
bool is_second_zero(std::string_view time) {
  const std::string text(time.substr(0, 60));
  std::tm parts{};
  int end = 0;
  const int count =
      std::sscanf(text.c_str(), "%4d-%2d-%2d %2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &end);
  const auto zone_at = text.find_first_not_of(".0", static_cast<std::size_t>(end));
  int zone = 0;
  if (count != 6 || zone_at == std::string::npos ||
      std::sscanf(text.c_str() + zone_at, " %5d", &zone) != 1 || parts.tm_year < 1969 ||
      parts.tm_year > 1970) {
    return false;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const std::time_t local = timegm(&parts);
  return local == (zone / 100 * 60L + zone % 100) * 60L;
}

/// Where the name ends in an unquoted header line.
std::size_t name_size(std::string_view text) {
  if (const auto tab = text.find('\t'); tab != std::string_view::npos) {
    return tab;
  }
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == ' ' && looks_like(text.substr(i + 1), kIsoTime)) {
      return i;
    }
  }
  return text.size();
}

bool has_one_of(std::string_view name, std::initializer_list<std::string_view> wanted) {
  return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
}

/// The file of RECORD or of a signature over it (wheel specification, "Signed wheel files").
bool is_record(std::string_view path) {
  const auto slash = path.find('/');
  return slash != std::string_view::npos && path.substr(0, slash).ends_with(".dist-info") &&
         has_one_of(path.substr(slash + 1), {"RECORD", "RECORD.jws", "RECORD.p7s"});
}

bool is_dot_git(std::string_view part) {
  constexpr std::string_view kGit = ".git";
  return std::equal(part.begin(), part.end(), kGit.begin(), kGit.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

bool leads_through_dot_git(std::string_view path) {
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    if (is_dot_git(path.substr(0, slash))) {
      return true;
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

/// One escape of git's (or GNU diff's) behind its backslash; moves `at` past it.
std::optional<char> escaped(std::string_view text, std::size_t& at) {
  constexpr std::string_view kLetters = "abfnrtv\\\"";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"";
  if (at >= text.size()) {
    return std::nullopt;
  }
  if (const auto i = kLetters.find(text[at]); i != std::string_view::npos) {
    ++at;
    return kMeanings[i];
  }
  if (text.size() - at < 3 || text[at] > '3' || !is_octal(text[at]) || !is_octal(text[at + 1]) ||
      !is_octal(text[at + 2])) {
    return std::nullopt;
  }
  int value = 0;
  for (const char digit : text.substr(at, 3)) {
    value = value * 8 + (digit - '0');
  }
  at += 3;
  return static_cast<char>(value);
}

}  // namespace

std::optional<std::string> unquoted(std::string_view text, std::string_view* rest) {
  if (!text.starts_with('"')) {
    return std::string(text);
  }
  std::string name;
  for (std::size_t at = 1; at < text.size();) {
    const char c = text[at++];
    if (c == '"') {
      if (rest != nullptr) {
        *rest = text.substr(at);
      }
      return name;
    }
    const auto letter = c == '\\' ? escaped(text, at) : c;
    if (!letter) {
      return std::nullopt;
    }
    name += *letter;
  }
  return std::nullopt;
}

std::optional<DiffHeaderName> read_header_name(std::string_view text) {
  std::string_view behind;
  std::optional<std::string> name;
  if (text.starts_with('"')) {
    name = unquoted(text, &behind);
  } else {
    const std::size_t size = name_size(text);
    behind = text.substr(size);
    name = std::string(text.substr(0, size));
    name->erase(name->find_last_not_of(' ') + 1);
  }
  if (!name) {
    return std::nullopt;
  }
  behind.remove_prefix(std::min(behind.find_first_not_of("\t "), behind.size()));
  return DiffHeaderName{*name, is_second_zero(behind)};
}

std::optional<std::pair<std::string, std::string>> split_git_names(std::string_view text,
                                                                   unsigned strip_count) {
  if (text.starts_with('"')) {
    std::string_view rest;
    const auto old_name = unquoted(text, &rest);
    if (!old_name || !rest.starts_with(' ')) {
      return std::nullopt;
    }
    const auto new_name = unquoted(rest.substr(1));
    return new_name ? std::optional(std::pair(*old_name, *new_name)) : std::nullopt;
  }
  if (const auto quote = text.find(" \""); quote != std::string_view::npos) {
    const auto new_name = unquoted(text.substr(quote + 1));
    return new_name ? std::optional(std::pair(std::string(text.substr(0, quote)), *new_name))
                    : std::nullopt;
  }
  constexpr std::size_t kLongest = 12'288;  // two names of PATH_MAX, and more
  int tries = 100;                          // bounds the time that a hostile line takes
  for (auto space = text.size() > kLongest ? std::string_view::npos : text.find(' ');
       space != std::string_view::npos && tries > 0; space = text.find(' ', space + 1), --tries) {
    const std::string_view old_name = text.substr(0, space);
    const std::string_view new_name = text.substr(space + 1);
    const auto stripped = stripped_name(old_name, strip_count);
    if (stripped && !stripped->empty() && stripped == stripped_name(new_name, strip_count)) {
      return std::pair(std::string(old_name), std::string(new_name));
    }
  }
  return std::nullopt;
}

std::optional<std::string> stripped_name(std::string_view name, unsigned strip_count) {
  for (; strip_count > 0; --strip_count) {
    const auto slash = name.find('/');
    if (slash == std::string_view::npos) {
      return std::nullopt;
    }
    name.remove_prefix(std::min(name.find_first_not_of('/', slash), name.size()));
  }
  std::string result = name.starts_with('/') ? "/" : "";
  while (!name.empty()) {
    const auto slash = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, slash);
    if (!part.empty() && part != ".") {
      result.append(result.empty() || result == "/" ? "" : "/").append(part);
    }
    name.remove_prefix(std::min(slash + 1, name.size()));
  }
  return result;
}

std::string why_refused(std::string_view path) {
  try {
    wheel::check_member_name(path);
  } catch (const wheel::Error& error) {
    return fmt::format("is outside of the wheel or no name that it could hold: {}", error.what());
  }
  if (leads_through_dot_git(path)) {
    return "leads through a folder of git's own";
  }
  if (is_record(path)) {
    return "this program writes itself, to fit the files";
  }
  return {};
}

}  // namespace spokeshave
