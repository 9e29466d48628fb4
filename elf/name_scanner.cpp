#include "elf/name_scanner.h"

#include <algorithm>
#include <array>

namespace elf {
namespace {

constexpr std::size_t kLongestName = 255;
constexpr std::size_t kBlock = 256;

constexpr bool is_alphanumeric(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

constexpr std::array<bool, 256> kNameBytes = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    table[c] = is_alphanumeric(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '+' ||
               c == '-';
  }
  return table;
}();

bool is_name_byte(char c) {
  return kNameBytes[static_cast<unsigned char>(c)];
}

/// A string cannot begin behind a byte that may be part of its text: `/libx.so` is a path,
/// `%slibx.so` a pattern and `cannot open libx.so` a message.
bool may_precede(char c) {
  return c < ' ' || c > '~';
}

/// lib[A-Za-z0-9_.+-]*\.so(\.[0-9A-Za-z]+)*, given that all bytes are name bytes.
bool is_library_name(std::string_view name) {
  if (name.size() > kLongestName || !name.starts_with("lib")) return false;
  while (name.size() >= std::string_view("lib.so").size()) {
    if (name.ends_with(".so")) return true;
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return false;
    const std::string_view part = name.substr(dot + 1);
    if (part.empty() || !std::all_of(part.begin(), part.end(), is_alphanumeric)) return false;
    name = name.substr(0, dot);
  }
  return false;
}

/// Written so that the compiler makes vector code of it: gigabytes pass here, and two letters of
/// `.so` are rare enough.
bool has_dot_s(const char* block) {
  unsigned char hit = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    hit |= static_cast<unsigned char>((block[i] == '.') & (block[i + 1] == 's'));
  }
  return hit != 0;
}

std::size_t find_dot_so(std::string_view text, std::size_t from) {
  for (; text.size() - from >= kBlock + 2; from += kBlock) {
    if (!has_dot_s(text.data() + from)) continue;
    const std::size_t hit = text.substr(from, kBlock + 2).find(".so");
    if (hit != std::string_view::npos) return from + hit;
  }
  return text.find(".so", from);
}

std::size_t end_of_run(std::string_view text, std::size_t from) {
  while (from < text.size() && is_name_byte(text[from])) ++from;
  return from;
}

/// Where the run of name bytes that holds `at` begins, looking back no further than a name can be
/// long.
std::size_t begin_of_run(std::string_view text, std::size_t at) {
  const std::size_t stop = at - std::min(at, kLongestName);
  while (at > stop && is_name_byte(text[at - 1])) --at;
  return at;
}

}  // namespace

void NameScanner::feed(std::span<const std::byte> piece) {
  if (piece.empty()) return;
  const std::string_view text(reinterpret_cast<const char*>(piece.data()), piece.size());

  // `carry_` is the byte before a run of name bytes, and the run so far; it may go on in this
  // piece.
  std::size_t at = end_of_run(text, 0);
  keep_last(text.substr(0, at));
  if (at == text.size()) return;
  if (text[at] == '\0') take(carry_);

  // From here on every run has the byte before it in this piece: text[at] belongs to none.
  for (std::size_t hit = find_dot_so(text, at); hit != std::string_view::npos;
       hit = find_dot_so(text, at)) {
    const std::size_t begin = begin_of_run(text, hit);
    at = end_of_run(text, hit);
    if (at == text.size()) break;
    if (text[at] == '\0') take(text.substr(begin - 1, at - begin + 1));
  }
  carry_ = text.substr(begin_of_run(text, text.size()) - 1);
}

/// Appends to the carried run. What grows too long loses its front, and with it the byte that made
/// it a whole string.
void NameScanner::keep_last(std::string_view bytes) {
  constexpr std::size_t kKept = kLongestName + 1;
  carry_ += bytes.substr(bytes.size() - std::min(bytes.size(), kKept));
  if (carry_.size() > kKept) carry_.erase(0, carry_.size() - kKept);
}

/// `run` is the byte before it and the name.
void NameScanner::take(std::string_view run) {
  if (!may_precede(run.front()) || !is_library_name(run.substr(1))) return;
  if (names_.size() < kMaxNames) names_.emplace(run.substr(1));
}

}  // namespace elf
