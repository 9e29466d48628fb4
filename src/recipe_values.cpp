#include "src/recipe_values.h"

#include <fmt/format.h>

namespace spokeshave {

std::string RecipeValue::string(const TomlValue& value, bool may_be_empty) const {
  const auto* text = std::get_if<std::string>(&value.value);
  if (text == nullptr) {
    refuse_type(value, "a string in quotes");
  }
  check_string(*text, value.line, may_be_empty);
  return *text;
}

std::vector<std::pair<std::string, unsigned>> RecipeValue::strings(const TomlValue& value) const {
  std::vector<std::pair<std::string, unsigned>> texts;
  if (const auto* array = std::get_if<TomlArray>(&value.value)) {
    for (const TomlValue& item : *array) {
      texts.emplace_back(string(item), item.line);
    }
    return texts;
  }
  if (!std::holds_alternative<std::string>(value.value)) {
    refuse_type(value, "a string in quotes or an array of such");
  }
  texts.emplace_back(string(value), value.line);
  return texts;
}

const TomlTable& RecipeValue::table(const TomlValue& value) const {
  const auto* entries = std::get_if<TomlTable>(&value.value);
  if (entries == nullptr) {
    refuse_type(value, "a table");
  }
  for (const TomlEntry& entry : *entries) {
    check_string(entry.key, entry.line, false);
  }
  return *entries;
}

std::int64_t RecipeValue::integer(const TomlValue& value) const {
  const auto* number = std::get_if<std::int64_t>(&value.value);
  if (number == nullptr) {
    refuse_type(value, "an integer");
  }
  return *number;
}

bool RecipeValue::boolean(const TomlValue& value) const {
  const auto* truth = std::get_if<bool>(&value.value);
  if (truth == nullptr) {
    refuse_type(value, "true or false");
  }
  return *truth;
}

void RecipeValue::refuse_type(const TomlValue& value, const char* expected) const {
  throw RecipeError(
      value.line, fmt::format("`{}` takes {}, and {} stands here", key(), expected, kind_of(value)),
      fmt::format("write it as in {} = {}", key(), example_));
}

void RecipeValue::check_string(const std::string& text, unsigned line, bool may_be_empty) const {
  if (text.empty() && !may_be_empty) {
    throw RecipeError(line, fmt::format("a string of `{}` is empty", key()),
                      "leave out what is not wanted");
  }
  if (text.find('\0') != std::string::npos) {
    throw RecipeError(line, fmt::format("a string of `{}` holds a NUL", key()),
                      "no name, path or requirement has one");
  }
}

}  // namespace spokeshave
