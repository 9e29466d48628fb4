#include "src/dot_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/failure.h"

namespace spokeshave {

namespace {

constexpr std::size_t kTailLetters = 10;  // of a name that is cut: its versions stand at the end
constexpr std::size_t kModuleTail = 3;    // `.so`: Python's long suffix says nothing

std::string escaped(const std::string& text, const char* backslash) {
  std::string result;
  for (const char letter : printable(text)) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\\':
        result += backslash;
        break;
      default:
        result += letter;
    }
  }
  return result;
}

/// The first `count` letters of UTF-8 text.
std::string_view head_of(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  while (end < text.size() && ((text[end] & 0xc0) == 0x80 || count > 0)) {
    count -= (text[end] & 0xc0) == 0x80 ? 0 : 1;
    ++end;
  }
  return text.substr(0, end);
}

}  // namespace

std::string dot_label(const std::string& text) {
  return escaped(text, "\\\\");  // `\N` and its like are substituted, `\\` is not
}

std::string dot_tooltip(const std::string& text) {
  return escaped(text, "\\\\\\\\");  // Graphviz 2.43 looks for `\N` twice here
}

std::size_t letter_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

std::string shortened_name(std::string_view name) {
  std::string shown = printable(std::string(name));
  const std::size_t letters = letter_count(shown);
  if (letters <= kMostLetters) {
    return shown;
  }
  const std::size_t tail = shown.ends_with("-gnu.so") ? kModuleTail : kTailLetters;
  const std::string_view head = head_of(shown, kMostLetters - tail - 1);
  const std::string_view before_tail = head_of(shown, letters - tail);
  return fmt::format("{}…{}", head, std::string_view(shown).substr(before_tail.size()));
}

}  // namespace spokeshave
