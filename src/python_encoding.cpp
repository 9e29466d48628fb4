#include "src/python_encoding.h"

#include <algorithm>
#include <array>
#include <string>

namespace spokeshave {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}

std::string_view without_leading_blanks(std::string_view text) {
  const auto* first = std::find_if_not(text.begin(), text.end(), is_blank);
  return text.substr(static_cast<std::size_t>(first - text.begin()));
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// PEP 263: ^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)
std::string_view encoding_of_line(std::string_view line) {
  line = without_leading_blanks(line);
  if (line.empty() || line.front() != '#') return {};
  constexpr std::string_view kKey = "coding";
  for (auto at = line.find(kKey); at != line.npos; at = line.find(kKey, at + 1)) {
    std::string_view rest = line.substr(at + kKey.size());
    if (rest.empty() || (rest.front() != ':' && rest.front() != '=')) continue;
    rest.remove_prefix(1);
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
    const auto* end = std::find_if_not(rest.begin(), rest.end(), is_name_character);
    if (end != rest.begin()) return rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  }
  return {};
}

// Python's codecs take any case and any of - _ . and space between the parts of a name.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.') continue;
    plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return plain;
}

struct Codec {
  std::string_view name;  ///< as plain_name() gives it
  SourceEncoding encoding;
};

// Python's codecs, with their aliases, whose ASCII bytes are not always ASCII characters. cp949 and
// the EUC family are not among them: the second bytes of cp949's characters are letters at worst.
constexpr std::array kCodecs = {
    Codec{"shiftjis", SourceEncoding::kShiftJis},
    Codec{"csshiftjis", SourceEncoding::kShiftJis},
    Codec{"sjis", SourceEncoding::kShiftJis},
    Codec{"xmacjapanese", SourceEncoding::kShiftJis},
    Codec{"cp932", SourceEncoding::kShiftJis},
    Codec{"932", SourceEncoding::kShiftJis},
    Codec{"ms932", SourceEncoding::kShiftJis},
    Codec{"mskanji", SourceEncoding::kShiftJis},
    Codec{"windows31j", SourceEncoding::kShiftJis},
    Codec{"big5", SourceEncoding::kDoubleByte},
    Codec{"big5tw", SourceEncoding::kDoubleByte},
    Codec{"csbig5", SourceEncoding::kDoubleByte},
    Codec{"xmactradchinese", SourceEncoding::kDoubleByte},
    Codec{"big5hkscs", SourceEncoding::kDoubleByte},
    Codec{"hkscs", SourceEncoding::kDoubleByte},
    Codec{"cp950", SourceEncoding::kDoubleByte},
    Codec{"950", SourceEncoding::kDoubleByte},
    Codec{"ms950", SourceEncoding::kDoubleByte},
    Codec{"gbk", SourceEncoding::kDoubleByte},
    Codec{"936", SourceEncoding::kDoubleByte},
    Codec{"cp936", SourceEncoding::kDoubleByte},
    Codec{"ms936", SourceEncoding::kDoubleByte},
    Codec{"gb18030", SourceEncoding::kDoubleByte},
    Codec{"gb180302000", SourceEncoding::kDoubleByte},
    Codec{"johab", SourceEncoding::kDoubleByte},
    Codec{"cp1361", SourceEncoding::kDoubleByte},
    Codec{"ms1361", SourceEncoding::kDoubleByte},
    // Has a yen sign where ASCII has the backslash.
    Codec{"shiftjis2004", SourceEncoding::kOpaque},
    Codec{"sjis2004", SourceEncoding::kOpaque},
    Codec{"shiftjisx0213", SourceEncoding::kOpaque},
    Codec{"sjisx0213", SourceEncoding::kOpaque},
    Codec{"u7", SourceEncoding::kOpaque},
    Codec{"unicode11utf7", SourceEncoding::kOpaque},
    Codec{"u16", SourceEncoding::kOpaque},
    Codec{"u32", SourceEncoding::kOpaque},
    Codec{"unicodeescape", SourceEncoding::kOpaque},
    Codec{"rawunicodeescape", SourceEncoding::kOpaque},
    Codec{"punycode", SourceEncoding::kOpaque},
};

constexpr std::array<std::string_view, 6> kOpaqueFamilies = {"utf7", "utf16",   "utf32",
                                                             "hz",   "iso2022", "csiso2022"};

}  // namespace

std::string_view declared_encoding(std::string_view source) {
  for (int line_number = 1; line_number <= 2; ++line_number) {
    const auto length = std::min(source.find_first_of("\r\n"), source.size());
    const std::string_view line = source.substr(0, length);
    if (const auto name = encoding_of_line(line); !name.empty()) return name;
    // The second line counts only where the first one holds no code.
    const std::string_view content = without_leading_blanks(line);
    if (!content.empty() && content.front() != '#') return {};
    source.remove_prefix(
        std::min(length + (source.substr(length).starts_with("\r\n") ? 2 : 1), source.size()));
  }
  return {};
}

SourceEncoding source_encoding(std::string_view source) {
  if (source.starts_with(kUtf8Mark)) return SourceEncoding::kAsciiStands;
  const std::string name = plain_name(declared_encoding(source));
  for (const Codec& codec : kCodecs)
    if (codec.name == name) return codec.encoding;
  for (const std::string_view family : kOpaqueFamilies)
    if (name.starts_with(family)) return SourceEncoding::kOpaque;
  return SourceEncoding::kAsciiStands;
}

}  // namespace spokeshave
