#include "wheel/metadata.h"

#include <algorithm>

#include "wheel/error.h"
#include "wheel/stripped.h"

namespace wheel {
namespace {

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

constexpr std::string_view kBlanks = " \t\r\n";

/// The text without its line ends: what is folded goes on behind the blanks that fold it (RFC
/// 822, 3.1.1).
std::string unfolded(std::string_view text) {
  std::string line;
  std::copy_if(text.begin(), text.end(), std::back_inserter(line),
               [](char c) { return c != '\r' && c != '\n'; });
  return std::string(stripped(line, kBlanks));
}

/// Past the end of the line that begins at `begin`, its line end included.
std::size_t line_end(std::string_view text, std::size_t begin) {
  const std::size_t newline = text.find('\n', begin);
  return newline == std::string_view::npos ? text.size() : newline + 1;
}

/// `\r\n` or `\n`, as the line ends; empty where the text ends first.
std::string_view newline_of(std::string_view line) {
  return line.ends_with("\r\n") ? "\r\n" : line.ends_with('\n') ? "\n" : "";
}

/// As the first line ends; `\n` where it does not.
std::string usual_newline(std::string_view text) {
  const std::string_view newline = newline_of(text.substr(0, line_end(text, 0)));
  return newline.empty() ? "\n" : std::string(newline);
}

// RFC 822, 3.2: a field name is printable ASCII without blanks and colons.
bool is_field_name(std::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// Python's reader of METADATA ends a line at a lone \r too, others do not: they would see different
// fields.
void check_characters(std::string_view line, std::size_t number) {
  const std::string_view content = line.substr(0, line.size() - newline_of(line).size());
  if (content.find('\r') != std::string_view::npos ||
      content.find('\0') != std::string_view::npos) {
    throw Error("", "header line " + std::to_string(number) +
                        " holds a carriage return or a NUL, which readers take differently");
  }
}

void check_value(std::string_view name, std::string_view value) {
  if (!is_field_name(name) || name.find(':') != std::string_view::npos) {
    throw Error("", "\"" + std::string(name) + "\" is not the name of a field");
  }
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    throw Error("", "a value of " + std::string(name) + " may not have a line end");
  }
}

}  // namespace

Headers::Headers(std::string text) : text_(std::move(text)) {
  std::size_t number = 0;
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t end = line_end(text_, at);
    const std::string_view line = std::string_view(text_).substr(at, end - at);
    if (line == "\n" || line == "\r\n") {
      break;
    }
    check_characters(line, ++number);
    const bool folded = number > 1 && (line[0] == ' ' || line[0] == '\t');
    const std::size_t colon = line.find(':');
    if (!folded && (colon == std::string_view::npos || !is_field_name(line.substr(0, colon)))) {
      throw Error("", "header line " + std::to_string(number) + " is not `Name: value`");
    }
    at = end;
  }
}

std::vector<Headers::Field> Headers::fields() const {
  std::vector<Field> fields;
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t end = line_end(text_, at);
    const std::string_view line = std::string_view(text_).substr(at, end - at);
    if (line == "\n" || line == "\r\n") {
      break;
    }
    if (line[0] == ' ' || line[0] == '\t') {
      fields.back().end = end;
    } else {
      fields.push_back({.begin = at, .end = end, .name_size = line.find(':')});
    }
    at = end;
  }
  return fields;
}

std::vector<Headers::Field> Headers::fields_of(std::string_view name) const {
  std::vector<Field> found = fields();
  std::erase_if(found, [&](const Field& field) {
    return !equal_without_case(std::string_view(text_).substr(field.begin, field.name_size), name);
  });
  return found;
}

std::vector<std::string> Headers::get_all(std::string_view name) const {
  std::vector<std::string> values;
  for (const Field& field : fields_of(name)) {
    values.push_back(value_of(field));
  }
  return values;
}

std::string Headers::value_of(const Field& field) const {
  const std::size_t value = field.begin + field.name_size + 1;
  return unfolded(std::string_view(text_).substr(value, field.end - value));
}

std::optional<std::string> Headers::get(std::string_view name) const {
  std::vector<std::string> values = get_all(name);
  return values.empty() ? std::nullopt : std::optional(std::move(values.front()));
}

void Headers::set(std::string_view name, std::string_view value) {
  check_value(name, value);
  const std::vector<Field> found = fields_of(name);
  if (found.empty()) {
    add(name, value);
    return;
  }
  const Field& field = found.front();
  const std::size_t begin = field.begin + field.name_size + 1;
  const std::string_view old = std::string_view(text_).substr(begin, field.end - begin);
  const std::string line = ' ' + std::string(value) + std::string(newline_of(old));
  text_.replace(begin, field.end - begin, line);
}

void Headers::add(std::string_view name, std::string_view value) {
  check_value(name, value);
  const std::vector<Field> all = fields();
  const std::vector<Field> same = fields_of(name);
  const std::size_t place = same.empty() ? (all.empty() ? 0 : all.back().end) : same.back().end;
  const std::size_t before =
      same.empty() ? (all.empty() ? 0 : all.back().begin) : same.back().begin;
  std::string newline(newline_of(std::string_view(text_).substr(before, place - before)));
  const bool unended = newline.empty() && place > 0;  // the text ends without a line end
  if (newline.empty()) {
    newline = usual_newline(text_);
  }
  const std::string line = std::string(name) + ": " + std::string(value);
  text_.insert(place, unended ? newline + line : line + newline);
}

void Headers::remove(std::string_view name, std::size_t index) {
  const std::vector<Field> found = fields_of(name);
  if (index >= found.size()) {
    throw Error("", "there is no such field " + std::string(name) + " to remove");
  }
  text_.erase(found[index].begin, found[index].end - found[index].begin);
}

void Headers::rewrite(std::string_view name, const Decision& decide) {
  const std::string_view old = text_;
  std::string text;
  std::size_t done = 0;  // of the old text
  for (const Field& field : fields_of(name)) {
    const auto values = decide(value_of(field));
    if (!values) {
      continue;
    }
    text += old.substr(done, field.begin - done);
    done = field.end;
    const std::string_view line = old.substr(field.begin, field.end - field.begin);
    const bool unended = newline_of(line).empty();  // the text ends without a line end
    const std::string newline = unended ? usual_newline(old) : std::string(newline_of(line));
    for (std::size_t i = 0; i < values->size(); ++i) {
      check_value(name, (*values)[i]);
      text.append(line.substr(0, field.name_size)).append(": ").append((*values)[i]);
      text += unended && i + 1 == values->size() ? std::string() : newline;
    }
  }
  text += old.substr(done);
  text_ = std::move(text);
}

std::string requirement_name(std::string_view requirement) {
  const auto is_alphanumeric = [](char c) {
    const char lower = to_lower(c);
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
  };
  const std::string_view text = stripped(requirement, kBlanks);
  const auto end = std::find_if_not(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
  });
  const std::string name(text.begin(), end);
  if (name.empty() || !is_alphanumeric(name.front()) || !is_alphanumeric(name.back())) {
    throw Error("", "\"" + std::string(requirement) + "\" does not begin with a name");
  }
  return name;
}

}  // namespace wheel
