#include "wheel/version.h"

#include <algorithm>
#include <optional>

#include "wheel/error.h"

namespace wheel {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_separator(char c) {
  return c == '.' || c == '-' || c == '_';
}

/// The text lower-cased, without the blanks around it (PEP 440, "Case sensitivity", "Leading and
/// trailing whitespace").
std::string prepared(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\r\f\v";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  text = text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
  std::string lower(text);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

/// Numbers have no bound in PEP 440, so they stay text: `007` -> `7`.
std::string without_leading_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? "0" : std::string(digits.substr(first));
}

/// Reads the grammar of PEP 440, appendix B, from left to right. Each part is tried in full and
/// given back where it does not fit.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) {
      return false;
    }
    rest_.remove_prefix(word.size());
    return true;
  }

  std::optional<std::string> number() {
    std::size_t size = 0;
    while (size < rest_.size() && is_digit(rest_[size])) {
      ++size;
    }
    if (size == 0) {
      return std::nullopt;
    }
    std::string digits = without_leading_zeros(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return digits;
  }

  std::string epoch() {
    const std::string_view before = rest_;
    const auto digits = number();
    if (digits && take("!")) {
      return *digits == "0" ? std::string() : *digits + '!';
    }
    rest_ = before;
    return {};
  }

  /// `1.02.3` -> `1.2.3`; empty where there is none.
  std::string release() {
    auto digits = number();
    if (!digits) {
      return {};
    }
    std::string text = *digits;
    while (rest_.size() > 1 && rest_[0] == '.' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      text += '.' + *number();
    }
    return text;
  }

  std::string pre_release() {
    for (const auto& [word, normal] : kPreReleases) {
      if (const auto digits = phase(word)) {
        return std::string(normal) + *digits;
      }
    }
    return {};
  }

  std::string post_release() {
    for (const std::string_view word : {"post", "rev", "r"}) {
      if (const auto digits = phase(word)) {
        return ".post" + *digits;
      }
    }
    if (rest_.size() > 1 && rest_[0] == '-' && is_digit(rest_[1])) {  // implicit: `1.0-1`
      rest_.remove_prefix(1);
      return ".post" + *number();
    }
    return {};
  }

  std::string dev_release() {
    const auto digits = phase("dev");
    return digits ? ".dev" + *digits : std::string();
  }

  /// The local segments from here to the end, joined by `.`; nothing where they are not proper.
  std::optional<std::string> local() {
    std::string text;
    for (;;) {
      std::size_t size = 0;
      bool digits_only = true;
      while (size < rest_.size() && (is_digit(rest_[size]) || is_letter(rest_[size]))) {
        digits_only = digits_only && is_digit(rest_[size]);
        ++size;
      }
      if (size == 0) {
        return std::nullopt;
      }
      const std::string_view segment = rest_.substr(0, size);
      text += digits_only ? without_leading_zeros(segment) : std::string(segment);
      rest_.remove_prefix(size);
      if (rest_.empty()) {
        return text;
      }
      if (!is_separator(rest_[0])) {
        return std::nullopt;
      }
      rest_.remove_prefix(1);
      text += '.';
    }
  }

 private:
  struct PreRelease {
    std::string_view word;
    std::string_view normal;
  };
  // Longer words first: `preview` begins with `pre`, `alpha` with `a`.
  static constexpr PreRelease kPreReleases[] = {{"alpha", "a"}, {"a", "a"},        {"beta", "b"},
                                                {"b", "b"},     {"preview", "rc"}, {"pre", "rc"},
                                                {"rc", "rc"},   {"c", "rc"}};

  /// `[-_.]?WORD[-_.]?[0-9]*`: the number, `0` where it is left out (`1.0a.` is proper too).
  std::optional<std::string> phase(std::string_view word) {
    const std::string_view before = rest_;
    if (!rest_.empty() && is_separator(rest_[0])) {
      rest_.remove_prefix(1);
    }
    if (!take(word)) {
      rest_ = before;
      return std::nullopt;
    }
    if (!rest_.empty() && is_separator(rest_[0])) {
      rest_.remove_prefix(1);
    }
    return number().value_or("0");
  }

  std::string_view rest_;
};

[[noreturn]] void not_a_version(std::string_view text) {
  throw Error("", "\"" + std::string(text) + "\" is not a version (PEP 440)");
}

}  // namespace

std::string normalise_version(std::string_view version) {
  const std::string text = prepared(version);
  Parser parser(text);
  parser.take("v");
  std::string normal = parser.epoch();
  const std::string release = parser.release();
  if (release.empty()) {
    not_a_version(version);
  }
  normal += release;
  normal += parser.pre_release();
  normal += parser.post_release();
  normal += parser.dev_release();
  if (parser.take("+")) {
    const auto local = parser.local();
    if (!local) {
      not_a_version(version);
    }
    normal += '+' + *local;
  }
  if (!parser.at_end()) {
    not_a_version(version);
  }
  return normal;
}

std::string with_local(std::string_view version, std::string_view suffix) {
  const std::string base = normalise_version(version);
  const std::string text = prepared(suffix);
  const auto local = Parser(text).local();
  if (!local) {
    throw Error("", "\"" + std::string(suffix) + "\" is not a local version label (PEP 440)");
  }
  return base + (base.find('+') == std::string::npos ? '+' : '.') + *local;
}

std::optional<std::string> comparable_version(std::string_view version) {
  std::string text(version);
  std::replace(text.begin(), text.end(), '_', '-');
  try {
    text = normalise_version(text);
  } catch (const Error&) {
    return std::nullopt;
  }
  std::size_t end = std::min(text.find_first_not_of("0123456789.!"), text.size());
  end -= end > 0 && text[end - 1] == '.' ? 1 : 0;  // of `.post1` and `.dev1`
  std::string release = text.substr(0, end);
  while (release.ends_with(".0")) {
    release.resize(release.size() - 2);
  }
  return release + text.substr(end);
}

}  // namespace wheel
