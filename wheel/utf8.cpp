#include "wheel/utf8.h"

#include <algorithm>
#include <array>

namespace wheel {

std::int32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  const std::size_t size = lead < 0x80             ? 1
                           : (lead & 0xe0) == 0xc0 ? 2
                           : (lead & 0xf0) == 0xe0 ? 3
                           : (lead & 0xf8) == 0xf0 ? 4
                                                   : 0;
  if (size == 0 || size > text.size() - at) {
    return -1;
  }
  std::int32_t point = size == 1 ? lead : lead & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) {
      return -1;
    }
    point = point << 6 | (byte(at + i) & 0x3f);
  }
  at += size;
  constexpr std::int32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < kSmallest[size] || point > 0x10ffff || surrogate ? -1 : point;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (next_code_point(text, at) < 0) {
      return false;
    }
  }
  return true;
}

bool is_other(std::int32_t point) {
  struct Range {
    std::int32_t first, last;
  };
  // Unicode 15.1, DerivedGeneralCategory.txt: Cc, Cf and Co.
  constexpr std::array kOther = {
      Range{0x0, 0x1f},        Range{0x7f, 0x9f},       Range{0xad, 0xad},
      Range{0x600, 0x605},     Range{0x61c, 0x61c},     Range{0x6dd, 0x6dd},
      Range{0x70f, 0x70f},     Range{0x890, 0x891},     Range{0x8e2, 0x8e2},
      Range{0x180e, 0x180e},   Range{0x200b, 0x200f},   Range{0x202a, 0x202e},
      Range{0x2060, 0x2064},   Range{0x2066, 0x206f},   Range{0xe000, 0xf8ff},
      Range{0xfdd0, 0xfdef},   Range{0xfeff, 0xfeff},   Range{0xfff9, 0xfffb},
      Range{0x110bd, 0x110bd}, Range{0x110cd, 0x110cd}, Range{0x13430, 0x1343f},
      Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a}, Range{0xe0001, 0xe0001},
      Range{0xe0020, 0xe007f}, Range{0xf0000, 0x10ffff}};
  return (point & 0xfffe) == 0xfffe ||
         std::any_of(kOther.begin(), kOther.end(), [&](const Range& range) {
           return point >= range.first && point <= range.last;
         });
}

bool is_printable(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::int32_t point = next_code_point(text, at);
    if (point < 0 || is_other(point)) {
      return false;
    }
  }
  return true;
}

std::string escaped(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : name.substr(0, 100)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
  }
  return name.size() > 100 ? text + "..." : text;
}

}  // namespace wheel
