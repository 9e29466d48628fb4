#include "wheel/specifiers.h"

#include <algorithm>
#include <array>
#include <string>

#include "wheel/version.h"

namespace wheel {
namespace {

// Longer ones first: `===` begins with `==`.
constexpr std::array<std::string_view, 8> kComparisons = {
    "===", "==", "~=", "!=", "<=", ">=", "<", ">"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_version_letter(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view(".!+-_*").find(c) != std::string_view::npos;
}

/// What stands behind a `v` and an epoch: `v1!2.0rc1` -> `2.0rc1`.
std::string_view without_epoch(std::string_view version) {
  if (version.starts_with('v') || version.starts_with('V')) {
    version.remove_prefix(1);
  }
  const std::size_t mark = version.find('!');
  return mark == std::string_view::npos ? version : version.substr(mark + 1);
}

/// Whether a version that is proper has two numbers at least: `1.0a1`, not `1a1`.
bool has_two_numbers(std::string_view version) {
  const std::string_view release = without_epoch(version);
  const std::size_t end = std::min(release.find_first_not_of("0123456789"), release.size());
  return end + 1 < release.size() && release[end] == '.' && is_digit(release[end + 1]);
}

void check_version(const TextCursor& cursor, std::size_t at, std::string_view comparison,
                   std::string_view version) {
  const bool is_equality = comparison == "==" || comparison == "!=";
  const std::string shown = quoted(version);
  std::string_view base = version;
  if (base.ends_with(".*")) {
    base.remove_suffix(2);
    if (!is_equality) {
      cursor.fail_at(at, shown + " ends with `.*`, which goes with == and != only");
    }
  }
  try {
    normalise_version(base);
  } catch (const Error&) {
    cursor.fail_at(at, shown + " is not a version (PEP 440)");
  }
  if (base.size() != version.size() &&
      without_epoch(base).find_first_not_of("0123456789.") != std::string_view::npos) {
    cursor.fail_at(at, shown + ": `.*` follows numbers only, as in 1.2.*");
  }
  if (base.find('+') != std::string_view::npos && !is_equality) {
    cursor.fail_at(at, shown + " has a local label (+...), which goes with == and != only");
  }
  if (comparison == "~=" && !has_two_numbers(base)) {
    cursor.fail_at(at, shown + " has one number, and ~= asks for two or more, as in 1.0");
  }
}

/// What people write for an operator and is none, with what they mean.
void refuse_odd_operator(const TextCursor& cursor) {
  constexpr std::array<std::array<std::string_view, 2>, 4> kOdd = {
      {{"=>", ">="}, {"=<", "<="}, {"=", "=="}, {"^", "~="}}};
  for (const auto& [odd, meant] : kOdd) {
    if (cursor.rest().starts_with(odd)) {
      cursor.fail(quoted(odd) + " is no operator; is " + quoted(meant) + " meant?");
    }
  }
}

}  // namespace

std::string_view comparison_at(const TextCursor& cursor) {
  const auto* const found =
      std::find_if(kComparisons.begin(), kComparisons.end(),
                   [&](std::string_view word) { return cursor.rest().starts_with(word); });
  return found == kComparisons.end() ? std::string_view() : *found;
}

void read_specifier(TextCursor& cursor) {
  const std::string_view comparison = comparison_at(cursor);
  if (comparison.empty()) {
    refuse_odd_operator(cursor);
    cursor.fail("expected one of ==, !=, <=, >=, <, >, ~=, ===, and a version, but " +
                cursor.found());
  }
  cursor.take(comparison);
  cursor.skip_blanks();
  const std::size_t at = cursor.position();
  // PEP 440, "Arbitrary equality": any text, up to what ends a specifier.
  const std::string_view version = comparison == "===" ? cursor.take_while([](char c) {
    return c > ' ' && c < 0x7f && c != ',' && c != ';' && c != ')';
  })
                                                       : cursor.take_while(is_version_letter);
  if (version.empty()) {
    cursor.fail("expected a version after " + std::string(comparison) + ", but " + cursor.found());
  }
  if (comparison != "===") {
    check_version(cursor, at, comparison, version);
  }
}

void read_specifiers(TextCursor& cursor) {
  if (comparison_at(cursor).empty()) {
    refuse_odd_operator(cursor);
    return;
  }
  do {
    read_specifier(cursor);
    cursor.skip_blanks();
    if (!comparison_at(cursor).empty()) {
      cursor.fail("expected a comma between two specifiers");
    }
    if (!cursor.take(",")) {
      return;
    }
    cursor.skip_blanks();
  } while (!cursor.at_end() && cursor.next() != ')' && cursor.next() != ';');
}

void check_specifiers(std::string_view specifiers) {
  TextCursor cursor(specifiers);
  cursor.skip_blanks();
  do {
    read_specifier(cursor);
    cursor.skip_blanks();
  } while (cursor.take(",") && (cursor.skip_blanks(), !cursor.at_end()));
  if (!cursor.at_end()) {
    cursor.fail("expected a comma or the end after a specifier, but " + cursor.found());
  }
}

}  // namespace wheel
