#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "src/toml_value.h"

namespace spokeshave {

/// What is wrong in a recipe that is proper TOML, in which line, and what to do.
class RecipeError : public std::runtime_error {
 public:
  RecipeError(unsigned line, const std::string& what, std::string hint)
      : std::runtime_error(what), line_(line), hint_(std::move(hint)) {}
  unsigned line() const { return line_; }
  const std::string& hint() const { return hint_; }

 private:
  unsigned line_;
  std::string hint_;
};

/// A key of a recipe's table with its value, read as what the key takes. Each function throws
/// RecipeError where `value`, which is the key's or lies within it, is of another type; strings
/// hold no NUL, and something unless they may be empty.
class RecipeValue {
 public:
  /// `example`: such a value as TOML, for messages. Both must live longer.
  RecipeValue(const TomlEntry& entry, const char* example) : entry_(entry), example_(example) {}

  const std::string& key() const { return entry_.key; }
  const TomlValue& value() const { return entry_.value; }

  std::string string(const TomlValue& value, bool may_be_empty = false) const;
  /// One string, or an array of them, each with its line.
  std::vector<std::pair<std::string, unsigned>> strings(const TomlValue& value) const;
  const TomlTable& table(const TomlValue& value) const;
  std::int64_t integer(const TomlValue& value) const;
  bool boolean(const TomlValue& value) const;

 private:
  [[noreturn]] void refuse_type(const TomlValue& value, const char* expected) const;
  void check_string(const std::string& text, unsigned line, bool may_be_empty) const;

  const TomlEntry& entry_;
  const char* example_;
};

}  // namespace spokeshave
