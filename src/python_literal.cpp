#include "src/python_literal.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

#include "wheel/utf8.h"

namespace spokeshave {

std::string python_literal(std::string_view text) {
  std::string literal = "\"";
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at;
    const std::int32_t point = wheel::next_code_point(text, next);
    if (point < 0)
      literal += fmt::format("\\udc{:02x}", static_cast<unsigned char>(text[at]));
    else if (point == '"' || point == '\\')
      literal += fmt::format("\\{}", static_cast<char>(point));
    else if (point >= 0x20 && point < 0x7F)
      literal += static_cast<char>(point);
    else if (point < 0x10000)
      literal += fmt::format("\\u{:04x}", point);
    else
      literal += fmt::format("\\U{:08x}", point);
    at = point < 0 ? at + 1 : next;
  }
  return literal + '"';
}

}  // namespace spokeshave
