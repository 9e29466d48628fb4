#pragma once

#include <charconv>
#include <optional>
#include <string_view>

// Reads a line part by part from its front.
namespace spokeshave {

/// Whether `text` begins with `wanted`, which is taken off then.
inline bool skip(std::string_view& text, std::string_view wanted) {
  const bool stands_there = text.starts_with(wanted);
  if (stands_there) {
    text.remove_prefix(wanted.size());
  }
  return stands_there;
}

/// Takes a decimal number off; nothing, and nothing taken, where none stands there or it does not
/// fit.
template <typename Number>
std::optional<Number> take_number(std::string_view& text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace spokeshave
