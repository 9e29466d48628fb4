#pragma once

#include <string_view>

namespace spokeshave {

inline constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

/// How a source's bytes are to be read by one who looks only for ASCII characters.
enum class SourceEncoding {
  kAsciiStands,  ///< an ASCII byte is that character: UTF-8, Latin-1, EUC and nearly all others
  kDoubleByte,   ///< after a byte from 0x81 on, an ASCII byte may be the character's second half
  kShiftJis,     ///< the same, but 0xA1 to 0xDF are characters by themselves
  kOpaque,       ///< ASCII bytes may mean anything: UTF-7, UTF-16, ISO-2022, HZ
};

/// The name that the source declares in its first two lines (PEP 263); empty where it does not.
std::string_view declared_encoding(std::string_view source);

/// By the declaration; a byte order mark means UTF-8 whatever is declared.
SourceEncoding source_encoding(std::string_view source);

}  // namespace spokeshave
