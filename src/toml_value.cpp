#include "src/toml_value.h"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <algorithm>
#include <string_view>
#include <type_traits>

namespace spokeshave {

namespace {

/// Where a string that begins at `at` with a quote ends: past its last quote, at a line end that it
/// may not have, or at the end of the text (TOML 1.0, "String").
std::size_t string_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view three = quote == '"' ? R"(""")" : "'''";
  const bool is_long = text.substr(at).starts_with(three);
  std::size_t i = at + (is_long ? 3 : 1);
  while (i < text.size()) {
    if (quote == '"' && text[i] == '\\') {
      i += 2;
    } else if (!is_long && (text[i] == quote || text[i] == '\n')) {
      return i + 1;
    } else if (is_long && text.substr(i).starts_with(three)) {
      i += 3;  // two more quotes may belong to the string
      return std::min(text.find_first_not_of(quote, i), text.size());
    } else {
      ++i;
    }
  }
  return text.size();
}

// toml++ 3.3 bounds how deep brackets nest, but not how deep keys with dots do (`a.a.a...`): its
// destructor overflows the stack at some tens of thousands.
void check_dots(std::string_view text) {
  constexpr unsigned kMost = 1000;
  unsigned dots = 0;
  unsigned line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    std::size_t next = i + 1;
    if (c == '"' || c == '\'') {
      next = string_end(text, i);
      line += static_cast<unsigned>(std::count(text.begin() + i, text.begin() + next, '\n'));
    } else if (c == '#') {
      next = std::min(text.find('\n', i), text.size());
    } else if (c == '.' && ++dots > kMost) {
      throw TomlError(line, "there are over 1000 dots outside strings up to here");
    } else if (c == '\n') {
      ++line;
    }
    i = next;
  }
}

unsigned line_of(const toml::source_region& region) {
  return static_cast<unsigned>(region.begin.line);
}

TomlValue converted(const toml::node& node);

TomlTable converted(const toml::table& table) {
  struct Place {
    toml::source_position at;
    const toml::key* key;
    const toml::node* node;
  };
  std::vector<Place> places;
  for (const auto& [key, node] : table) {
    places.push_back({key.source().begin, &key, &node});
  }
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return a.at < b.at; });
  TomlTable entries;
  for (const Place& place : places) {
    entries.push_back({.key = std::string(place.key->str()),
                       .line = line_of(place.key->source()),
                       .value = converted(*place.node)});
  }
  return entries;
}

TomlValue converted(const toml::node& node) {
  TomlValue value{.line = line_of(node.source()), .value = TomlOther()};
  if (const auto* string = node.as_string()) {
    value.value = string->get();
  } else if (const auto* integer = node.as_integer()) {
    value.value = integer->get();
  } else if (const auto* table = node.as_table()) {
    value.value = converted(*table);
  } else if (const auto* array = node.as_array()) {
    TomlArray items;
    for (const toml::node& item : *array) {
      items.push_back(converted(item));
    }
    value.value = std::move(items);
  }
  return value;
}

}  // namespace

TomlTable parse_toml(const std::string& text) {
  check_dots(text);
  try {
    return converted(toml::parse(text));
  } catch (const toml::parse_error& error) {
    throw TomlError(line_of(error.source()), std::string(error.description()));
  }
}

std::string kind_of(const TomlValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string>) {
          return "a string";
        } else if constexpr (std::is_same_v<Held, std::int64_t>) {
          return "an integer";
        } else if constexpr (std::is_same_v<Held, TomlArray>) {
          return "an array";
        } else if constexpr (std::is_same_v<Held, TomlTable>) {
          return "a table";
        } else {
          return "a date, a fraction or true or false";
        }
      },
      value.value);
}

}  // namespace spokeshave
