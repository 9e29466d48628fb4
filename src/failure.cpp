#include "src/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace spokeshave {

namespace {

/// How many bytes the letter at the beginning of `text` takes; 0 where they are no UTF-8 (Unicode
/// standard, table 3-7).
std::size_t letter_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80                     ? 1
                           : first >= 0xc2 && first <= 0xdf ? 2
                           : first >= 0xe0 && first <= 0xef ? 3
                           : first >= 0xf0 && first <= 0xf4 ? 4
                                                            : 0;
  if (size == 0 || size > text.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) {
      return 0;
    }
  }
  const bool is_overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool is_beyond = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
  return is_overlong || is_beyond ? 0 : size;
}

/// U+0000 to U+001F, U+007F to U+009F: the latter begin escape sequences too (ECMA-48, 5.3).
bool is_control(std::string_view letter) {
  const auto first = static_cast<unsigned char>(letter[0]);
  return first < 0x20 || first == 0x7f ||
         (first == 0xc2 && static_cast<unsigned char>(letter[1]) < 0xa0);
}

}  // namespace

std::string printable(const std::string& text) {
  std::string shown;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t size = letter_size(rest);
    const std::string_view letter = rest.substr(0, std::max<std::size_t>(size, 1));
    if (size != 0 && !is_control(letter)) {
      shown += letter;
    } else {
      for (const char byte : letter) {
        shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
      }
    }
    rest.remove_prefix(letter.size());
  }
  return shown;
}

std::string to_text(const Failure& failure) {
  std::string text = fmt::format("error: {}\n", printable(failure.what()));
  if (!failure.cause().empty()) {
    text += fmt::format("  caused by: {}\n", printable(failure.cause()));
  }
  if (!failure.hint().empty()) {
    text += fmt::format("hint: {}\n", printable(failure.hint()));
  }
  return text;
}

}  // namespace spokeshave
