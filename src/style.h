#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spokeshave {

inline constexpr std::size_t kColumns = 80;  ///< of a terminal

/// Emphasis on a terminal; nothing elsewhere. Never the only sign of anything.
class Style {
 public:
  explicit Style(bool enabled) : enabled_(enabled) {}
  std::string bold(std::string_view text) const { return wrap(text, "1"); }
  std::string dim(std::string_view text) const { return wrap(text, "2"); }
  std::string red(std::string_view text) const { return wrap(text, "31"); }

 private:
  std::string wrap(std::string_view text, const char* code) const {
    return enabled_ ? "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m"
                    : std::string(text);
  }
  bool enabled_;
};

/// Columns on a terminal: bytes that begin a letter.
std::size_t columns(std::string_view text);
/// `text` whole on a line of its own, without the line's end: indented, or less where it would not
/// end by column `width`.
std::string indented(std::string_view text, std::size_t indent, std::size_t width);
/// `text` in lines of at most `width` columns, broken at blanks, the later ones indented. A longer
/// word has a line of its own.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indent);
/// The same for a search path, broken behind its colons.
std::string wrapped_path(std::string_view path, std::size_t width, std::string_view indent);
/// `label` and `text` on lines of kColumns, indented, the later ones under the text's first letter;
/// with the last line's end.
std::string paragraph(const std::string& indent, const std::string& label, const std::string& text);

}  // namespace spokeshave
