#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace spokeshave {

struct TomlValue;
struct TomlEntry;

using TomlArray = std::vector<TomlValue>;
using TomlTable = std::vector<TomlEntry>;  ///< in the order in which the keys stand in the text

/// A value of a kind that is none of the others: a date, a fraction.
struct TomlOther {};

/// A value in a TOML text, and where it stands.
struct TomlValue {
  unsigned line = 0;  ///< from 1
  std::variant<std::string, std::int64_t, bool, TomlArray, TomlTable, TomlOther> value;
};

struct TomlEntry {
  std::string key;
  unsigned line = 0;  ///< of the key
  TomlValue value;
};

/// What is wrong with a TOML text, and in which line.
class TomlError : public std::runtime_error {
 public:
  TomlError(unsigned line, const std::string& what) : std::runtime_error(what), line_(line) {}
  unsigned line() const { return line_; }

 private:
  unsigned line_;
};

/// Parses TOML 1.0. Throws TomlError, also for a text that holds over a thousand dots outside
/// strings: keys with dots nest tables, and the parser's stack is not without end.
TomlTable parse_toml(const std::string& text);

/// `a string`, `a table`, ...: what kind of value it is.
std::string kind_of(const TomlValue& value);

}  // namespace spokeshave
