#include "wheel/marker.h"

#include <algorithm>
#include <array>
#include <string>

#include "wheel/specifiers.h"

namespace wheel {
namespace {

constexpr std::size_t kDeepest = 200;  // parentheses in one another, as packaging has it

// PEP 508's. packaging also knows `extras` and `dependency_groups`, which are for lock files (PEP
// 751) and mean nothing in the metadata of a wheel.
constexpr std::array<std::string_view, 12> kVariables = {
    "python_version",      "python_full_version",    "os_name",
    "sys_platform",        "platform_release",       "platform_system",
    "platform_version",    "platform_machine",       "platform_python_implementation",
    "implementation_name", "implementation_version", "extra"};
// As setuptools wrote them before PEP 508; packaging and uv read them.
constexpr std::array<std::string_view, 6> kOldVariables = {
    "os.name",          "sys.platform",          "platform.version",
    "platform.machine", "python_implementation", "platform.python_implementation"};

bool is_word_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

struct Operand {
  bool is_variable = false;
  std::size_t at = 0;     ///< where it begins
  std::string_view text;  ///< the variable, or the string without its quotes
};

template <typename Words>
bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Takes `word` where it stands alone.
bool take_word(TextCursor& cursor, std::string_view word) {
  const std::string_view rest = cursor.rest();
  return rest.starts_with(word) &&
         (rest.size() == word.size() || !is_word_letter(rest[word.size()])) && cursor.take(word);
}

Operand read_string(TextCursor& cursor, char quote, Markers markers) {
  const std::size_t at = cursor.position();
  cursor.take(std::string_view(&quote, 1));
  const std::string_view text = cursor.take_while([&](char c) {
    return c != quote && (markers == Markers::kAny || (c != '\\' && c >= ' ' && c < 0x7f));
  });
  if (cursor.at_end()) {
    cursor.fail_at(at, "the string that begins here has no closing quote");
  }
  if (cursor.next() != quote) {
    cursor.fail("a marker's string is printable ASCII without `\\` (PEP 508)");
  }
  cursor.take(std::string_view(&quote, 1));
  return {.is_variable = false, .at = at, .text = text};
}

[[noreturn]] void refuse_word(const TextCursor& cursor, std::size_t at, std::string_view word) {
  std::string known;
  for (const std::string_view variable : kVariables) {
    known += known.empty() ? "" : ", ";
    known += variable;
  }
  cursor.fail_at(at, quoted(word) + " is no marker variable; there are " + known +
                         "; strings stand in quotes");
}

Operand read_operand(TextCursor& cursor, Markers markers) {
  const char next = cursor.next();
  if (next == '"' || next == '\'') {
    return read_string(cursor, next, markers);
  }
  const std::size_t at = cursor.position();
  const std::string_view word =
      cursor.take_while([](char c) { return is_word_letter(c) || c == '.'; });
  if (word.empty()) {
    cursor.fail("expected a marker variable or a string in quotes, but " + cursor.found());
  }
  if (!has(kVariables, word) && !has(kOldVariables, word)) {
    refuse_word(cursor, at, word);
  }
  return {.is_variable = true, .at = at, .text = word};
}

std::string_view read_operator(TextCursor& cursor) {
  if (take_word(cursor, "in")) {
    return "in";
  }
  if (take_word(cursor, "not")) {
    if (!cursor.skip_blanks() || !take_word(cursor, "in")) {
      cursor.fail("expected `in` after `not`, but " + cursor.found());
    }
    return "not in";
  }
  const std::string_view comparison = comparison_at(cursor);
  if (comparison.empty()) {
    cursor.fail("expected one of ==, !=, <=, >=, <, >, ~=, ===, in, not in, but " + cursor.found());
  }
  cursor.take(comparison);
  return comparison;
}

/// A string that a Python version is compared with.
void check_version(const TextCursor& cursor, const Operand& string, std::string_view comparison,
                   bool is_right) {
  std::string specifier(is_right ? comparison : "==");
  specifier += string.text;
  TextCursor inner(specifier);
  bool is_proper = true;
  try {
    read_specifier(inner);
    inner.skip_blanks();
    is_proper = inner.at_end();
  } catch (const Error&) {
    is_proper = false;
  }
  if (!is_proper) {
    cursor.fail_at(string.at, quoted(string.text) + " is not a version that " +
                                  std::string(comparison) + " could compare with (PEP 440)");
  }
}

void read_comparison(TextCursor& cursor, Markers markers) {
  const Operand left = read_operand(cursor, markers);
  cursor.skip_blanks();
  const std::string_view comparison = read_operator(cursor);
  cursor.skip_blanks();
  const Operand right = read_operand(cursor, markers);
  if (markers == Markers::kAny) {
    return;
  }
  if (left.is_variable == right.is_variable) {
    cursor.fail_at(left.at, std::string("two ") + (left.is_variable ? "variables" : "strings") +
                                " are compared; one side is a variable, the other a string");
  }
  const Operand& variable = left.is_variable ? left : right;
  const bool is_version = variable.text == "python_version" ||
                          variable.text == "python_full_version" ||
                          variable.text == "implementation_version";
  if (is_version && !comparison.ends_with("in")) {
    check_version(cursor, left.is_variable ? right : left, comparison, left.is_variable);
  }
}

void read_expression(TextCursor& cursor, Markers markers, std::size_t depth);

void read_term(TextCursor& cursor, Markers markers, std::size_t depth) {
  cursor.skip_blanks();
  const std::size_t at = cursor.position();
  if (!cursor.take("(")) {
    read_comparison(cursor, markers);
  } else {
    if (depth == kDeepest) {
      cursor.fail_at(
          at, "the marker has over " + std::to_string(kDeepest) + " parentheses in one another");
    }
    read_expression(cursor, markers, depth + 1);
    if (!cursor.take(")")) {
      cursor.fail("expected `and`, `or` or `)`, but " + cursor.found());
    }
  }
  cursor.skip_blanks();
}

void read_expression(TextCursor& cursor, Markers markers, std::size_t depth) {
  do {
    read_term(cursor, markers, depth);
  } while (take_word(cursor, "and") || take_word(cursor, "or"));
}

}  // namespace

void read_marker(TextCursor& cursor, Markers markers) {
  read_expression(cursor, markers, 0);
}

}  // namespace wheel
