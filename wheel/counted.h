#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wheel {

/// A number and what is counted: `1 file`, `2 files`. `one`, `more`: with their verbs, where they
/// have one.
inline std::string counted(std::uint64_t count, std::string_view one, std::string_view more) {
  std::string text = std::to_string(count);
  text += ' ';
  text += count == 1 ? one : more;
  return text;
}

}  // namespace wheel
