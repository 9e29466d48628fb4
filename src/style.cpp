#include "src/style.h"

#include <algorithm>

namespace spokeshave {

namespace {

/// Lays pieces of `text` that end behind `separator` into lines; a blank at a line's end is left
/// out.
std::string broken_behind(char separator, std::string_view text, std::size_t width,
                          std::string_view indent) {
  std::string result;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t found = text.find(separator);
    const std::string_view piece =
        text.substr(0, found == std::string_view::npos ? text.size() : found + 1);
    const std::size_t visible = piece.ends_with(' ') ? piece.size() - 1 : piece.size();
    if (column > 0 && column + visible > width) {
      if (result.ends_with(' ')) {
        result.pop_back();
      }
      result += '\n';
      result += indent;
      column = indent.size();
    }
    result += piece;
    column += piece.size();
    text.remove_prefix(piece.size());
  }
  return result;
}

}  // namespace

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char letter) { return (letter & 0xc0) != 0x80; }));
}

std::string indented(std::string_view text, std::size_t indent, std::size_t width) {
  const std::size_t room = width - std::min(width, columns(text));
  return std::string(std::min(indent, room), ' ').append(text);
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  return broken_behind(' ', text, width, indent);
}

std::string wrapped_path(std::string_view path, std::size_t width, std::string_view indent) {
  return broken_behind(':', path, width, indent);
}

std::string paragraph(const std::string& indent, const std::string& label,
                      const std::string& text) {
  const std::string under(indent.size() + label.size(), ' ');
  return wrapped(indent + label + text, kColumns, under) + "\n";
}

}  // namespace spokeshave
