#include "wheel/requirement.h"

#include <algorithm>
#include <set>
#include <utility>

#include "wheel/filename.h"
#include "wheel/marker.h"
#include "wheel/specifiers.h"
#include "wheel/stripped.h"
#include "wheel/text_cursor.h"

namespace wheel {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// What was read since `begin`.
std::string read_since(const TextCursor& cursor, std::size_t begin) {
  return std::string(stripped(cursor.text().substr(begin, cursor.position() - begin), " \t"));
}

// It becomes one line of METADATA.
void check_is_one_line(const TextCursor& cursor) {
  const std::string_view text = cursor.text();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
      cursor.fail_at(i, "a control character or a line end stands here");
    }
  }
}

/// A name of a distribution or of an extra (core metadata specification, "Name").
std::string read_name(TextCursor& cursor, const char* expected) {
  const std::size_t at = cursor.position();
  const std::string_view name = cursor.take_while(
      [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
  if (name.empty()) {
    cursor.fail(std::string("expected ") + expected + ", but " + cursor.found());
  }
  if (!is_alphanumeric(name.front()) || !is_alphanumeric(name.back())) {
    cursor.fail_at(at,
                   quoted(name) + " does not begin and end with a letter or digit, as a name does");
  }
  return std::string(name);
}

std::vector<std::string> read_extras(TextCursor& cursor) {
  std::vector<std::string> extras;
  if (!cursor.take("[")) {
    return extras;
  }
  cursor.skip_blanks();
  if (cursor.take("]")) {
    return extras;
  }
  for (;;) {
    extras.push_back(read_name(cursor, "the name of an extra"));
    cursor.skip_blanks();
    if (cursor.take("]")) {
      return extras;
    }
    if (!cursor.take(",")) {
      cursor.fail("expected a comma or `]` after an extra, but " + cursor.found());
    }
    cursor.skip_blanks();
  }
}

std::string read_url(TextCursor& cursor) {
  cursor.skip_blanks();
  const std::string_view url = cursor.take_while([](char c) { return c > ' ' && c < 0x7f; });
  if (url.empty()) {
    cursor.fail("expected a URL after @, but " + cursor.found());
  }
  if (!cursor.skip_blanks() && !cursor.at_end()) {
    cursor.fail("a URL is printable ASCII");
  }
  return std::string(url);
}

std::string read_versions(TextCursor& cursor) {
  std::size_t begin = cursor.position();
  if (!cursor.take("(")) {
    read_specifiers(cursor);
    return read_since(cursor, begin);
  }
  cursor.skip_blanks();
  begin = cursor.position();
  read_specifiers(cursor);
  std::string specifier = read_since(cursor, begin);
  if (specifier.empty()) {
    cursor.fail("expected a version specifier within the parentheses, but " + cursor.found());
  }
  if (!cursor.take(")")) {
    cursor.fail("expected a comma or `)` after a specifier, but " + cursor.found());
  }
  cursor.skip_blanks();
  return specifier;
}

std::set<std::string> normal_extras(const Requirement& requirement) {
  std::set<std::string> normal;
  for (const std::string& extra : requirement.extras) {
    normal.insert(normalise_name(extra));
  }
  return normal;
}

std::set<std::string> normal_specifiers(const Requirement& requirement) {
  std::set<std::string> normal;
  std::string one;
  for (const char c : requirement.specifier) {
    if (c == ',') {
      normal.insert(std::exchange(one, {}));
    } else if (!is_blank(c)) {
      one += c;
    }
  }
  normal.insert(one);
  normal.erase("");  // behind a last comma
  return normal;
}

/// The marker without blanks outside its strings, these in `"` where they have none themselves.
std::string normal_marker(const Requirement& requirement) {
  std::string normal;
  std::string_view rest = requirement.marker;
  while (!rest.empty()) {
    const char c = rest.front();
    if (c != '"' && c != '\'') {
      if (!is_blank(c)) {
        normal += c;
      }
      rest.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(rest.find(c, 1), rest.size() - 1);
    const std::string_view string = rest.substr(1, end - 1);
    const char quote = string.find('"') == std::string_view::npos ? '"' : '\'';
    normal += quote;
    normal += string;
    normal += quote;
    rest.remove_prefix(end + 1);
  }
  return normal;
}

Requirement parse(std::string_view text, Markers markers) {
  TextCursor cursor(text);
  check_is_one_line(cursor);
  cursor.skip_blanks();
  Requirement requirement;
  requirement.name = read_name(cursor, "the name of a distribution");
  cursor.skip_blanks();
  requirement.extras = read_extras(cursor);
  cursor.skip_blanks();
  if (cursor.take("@")) {
    requirement.url = read_url(cursor);
  } else {
    requirement.specifier = read_versions(cursor);
  }
  if (cursor.take(";")) {
    const std::size_t begin = cursor.position();
    read_marker(cursor, markers);
    requirement.marker = read_since(cursor, begin);
    if (!cursor.at_end()) {
      cursor.fail("expected `and`, `or` or the end of the marker, but " + cursor.found());
    }
  }
  if (!cursor.at_end()) {
    cursor.fail("expected a version specifier, `;` and a marker, or the end, but " +
                cursor.found());
  }
  return requirement;
}

}  // namespace

Requirement parse_requirement(std::string_view text) {
  return parse(text, Markers::kUsable);
}

Requirement parse_foreign_requirement(std::string_view text) {
  return parse(text, Markers::kAny);
}

bool is_same_requirement(const Requirement& a, const Requirement& b) {
  return normalise_name(a.name) == normalise_name(b.name) && normal_extras(a) == normal_extras(b) &&
         normal_specifiers(a) == normal_specifiers(b) && a.url == b.url &&
         normal_marker(a) == normal_marker(b);
}

}  // namespace wheel
