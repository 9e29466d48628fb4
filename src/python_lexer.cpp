#include "src/python_lexer.h"

#include <algorithm>
#include <array>

#include "src/python_encoding.h"

namespace spokeshave {
namespace {

// CPython's tokenizer allows 150 formatted strings inside each other and 200 brackets.
constexpr std::size_t kMaxDepth = 1000;

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Does the prefix, in any case and order, consist of these letters?
bool has_letters(std::string_view prefix, std::string_view letters) {
  std::string lower(prefix);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return static_cast<char>(c | 0x20); });
  std::sort(lower.begin(), lower.end());
  return lower == letters;
}

bool is_formatted_prefix(std::string_view prefix) {
  return prefix.size() <= 2 && (has_letters(prefix, "f") || has_letters(prefix, "fr") ||
                                has_letters(prefix, "t") || has_letters(prefix, "rt"));
}

bool is_string_prefix(std::string_view prefix) {
  return prefix.size() <= 2 &&
         (has_letters(prefix, "r") || has_letters(prefix, "u") || has_letters(prefix, "b") ||
          has_letters(prefix, "br") || is_formatted_prefix(prefix));
}

bool is_raw_prefix(std::string_view prefix) {
  return prefix.find_first_of("rR") != std::string_view::npos;
}

}  // namespace

PythonLexer::PythonLexer(std::string_view source) : source_(source) {
  switch (source_encoding(source)) {
    case SourceEncoding::kAsciiStands:
      break;
    case SourceEncoding::kShiftJis:
      trail_byte_ = 0x40;
      single_byte_kana_ = true;
      break;
    case SourceEncoding::kDoubleByte:
      trail_byte_ = 0x30;  // of gb18030; the others start at 0x31 or 0x40
      break;
    case SourceEncoding::kOpaque:
      broken_ = "its encoding may use the bytes of quotes and line ends for other characters";
      break;
  }
  if (source.starts_with(kUtf8Mark)) position_ = line_begin_ = kUtf8Mark.size();
}

Token PythonLexer::next() {
  if (broken_ != nullptr) return broken(broken_);
  if (!in_code()) return formatted_text();
  return code();
}

Token PythonLexer::code() {
  for (; !at_end(); ++position_) {
    const char c = source_[position_];
    if (c == ' ' || c == '\t' || c == '\f') continue;
    if (c == '\\' && (peek() == '\n' || peek() == '\r')) {
      ++position_;
      skip_newline();
      --position_;  // the loop's own step
      continue;
    }
    if (at_newline()) {
      if (line_has_tokens_ && frames_.empty()) return newline();
      skip_newline();
      if (frames_.empty()) line_begin_ = position_;
      --position_;
      continue;
    }
    if (c == '#') return comment();
    line_has_tokens_ = true;
    if (c == '\0') return broken("a NUL byte");
    if (is_quote(c)) return string(position_, {});
    if (is_name_byte(c)) return name_or_string();
    return punctuation();
  }
  return token(TokenKind::kEnd, position_);
}

Token PythonLexer::newline() {
  const std::size_t begin = position_;
  skip_newline();
  line_begin_ = position_;
  line_has_tokens_ = false;
  return token(TokenKind::kNewline, begin);
}

Token PythonLexer::comment() {
  const std::size_t begin = position_;
  position_ = std::min(source_.find_first_of("\r\n", begin), source_.size());
  return token(TokenKind::kComment, begin);
}

Token PythonLexer::name_or_string() {
  const std::size_t begin = position_;
  while (!at_end() && is_name_byte(source_[position_])) skip_character();
  const std::string_view name = source_.substr(begin, position_ - begin);
  if (!at_end() && is_quote(source_[position_]) && is_string_prefix(name))
    return string(begin, name);
  return token(TokenKind::kName, begin);
}

Token PythonLexer::string(std::size_t begin, std::string_view prefix) {
  Quoting quoting;
  quoting.quote = source_[position_];
  quoting.triple = peek() == quoting.quote && peek(2) == quoting.quote;
  quoting.raw = is_raw_prefix(prefix);
  quoting.begin = begin;
  position_ += quoting.triple ? 3 : 1;
  quoting.value = position_;
  if (!is_formatted_prefix(prefix)) return plain_string(quoting, prefix);
  if (frames_.size() >= kMaxDepth) return broken("too many strings inside each other");
  frames_.push_back({Mode::kLiteral, quoting});
  return token(TokenKind::kOther, begin);
}

Token PythonLexer::plain_string(const Quoting& quoting, std::string_view prefix) {
  while (!at_end() && !closes(quoting)) {
    if (at_newline() && !quoting.triple) break;
    if (source_[position_] == '\\')
      skip_escape();
    else
      skip_character();
  }
  if (at_end() || !closes(quoting)) {
    position_ = quoting.begin;
    return broken("a string that does not end");
  }
  const std::size_t value_end = position_;
  position_ += quoting.triple ? 3 : 1;
  Token result = token(TokenKind::kString, quoting.begin);
  result.value = source_.substr(quoting.value, value_end - quoting.value);
  result.prefix = prefix;
  return result;
}

// The text between the fields of a formatted string, up to its end or to the next field.
Token PythonLexer::formatted_text() {
  const Frame frame = frames_.back();
  const bool in_spec = frame.mode == Mode::kFormatSpec;
  bool in_character_name = false;  // the braces of \N{LATIN SMALL LETTER A} are no field
  while (!at_end()) {
    const char c = source_[position_];
    if (closes(frame.quoting)) {
      if (in_spec) return broken("a field of a formatted string that does not end");
      const std::size_t value_end = position_;
      position_ += frame.quoting.triple ? 3 : 1;
      frames_.pop_back();
      Token result = token(TokenKind::kFormattedString, frame.quoting.begin);
      result.value = source_.substr(frame.quoting.value, value_end - frame.quoting.value);
      return result;
    }
    if (at_newline() && !frame.quoting.triple) break;
    if (c == '\\' && !frame.quoting.raw && peek() == 'N' && peek(2) == '{') {
      position_ += 3;
      in_character_name = true;
    } else if (c == '\\') {
      // PEP 701: a backslash does not escape a brace.
      if (peek() == '{' || peek() == '}')
        ++position_;
      else
        skip_escape();
    } else if (c == '{' && peek() == '{' && !in_spec) {
      position_ += 2;
    } else if (c == '{') {
      if (frames_.size() >= kMaxDepth) return broken("too many fields inside each other");
      ++position_;
      frames_.push_back({Mode::kField, frame.quoting});
      return token(TokenKind::kOther, position_ - 1);
    } else if (c == '}' && in_character_name) {
      ++position_;
      in_character_name = false;
    } else if (c == '}' && in_spec) {
      ++position_;
      frames_.pop_back();
      return token(TokenKind::kOther, position_ - 1);
    } else {
      skip_character();
    }
  }
  return broken("a string that does not end");
}

Token PythonLexer::punctuation() {
  const std::size_t begin = position_++;
  const char c = source_[begin];
  if (c == '(' || c == '[' || c == '{') {
    if (frames_.size() >= kMaxDepth) return broken("too many brackets inside each other");
    frames_.push_back({Mode::kBracket, frames_.empty() ? Quoting{} : frames_.back().quoting});
  } else if (!frames_.empty()) {
    Frame& top = frames_.back();
    const bool closing = c == ')' || c == ']' || c == '}';
    if (closing && (top.mode == Mode::kBracket || c == '}'))
      frames_.pop_back();
    else if (c == ':' && top.mode == Mode::kField)
      top.mode = Mode::kFormatSpec;
  }
  return token(TokenKind::kOther, begin);
}

Token PythonLexer::token(TokenKind kind, std::size_t begin) const {
  return {kind, begin, position_, source_.substr(begin, position_ - begin), {}};
}

Token PythonLexer::broken(const char* why) {
  broken_ = why;
  return {TokenKind::kBroken, position_, position_, why, {}};
}

bool PythonLexer::in_code() const {
  return frames_.empty() || frames_.back().mode == Mode::kBracket ||
         frames_.back().mode == Mode::kField;
}

bool PythonLexer::closes(const Quoting& quoting) const {
  if (source_[position_] != quoting.quote) return false;
  return !quoting.triple || (peek() == quoting.quote && peek(2) == quoting.quote);
}

char PythonLexer::peek(std::size_t ahead) const {
  return ahead < source_.size() - position_ ? source_[position_ + ahead] : '\0';
}

void PythonLexer::skip_newline() {
  position_ += source_[position_] == '\r' && peek() == '\n' ? 2 : 1;
}

void PythonLexer::skip_character() {
  const auto lead = static_cast<unsigned char>(source_[position_++]);
  if (trail_byte_ == 0 || lead < 0x81 || at_end()) return;
  if (single_byte_kana_ && lead >= 0xA1 && lead <= 0xDF) return;
  if (static_cast<unsigned char>(source_[position_]) >= trail_byte_) ++position_;
}

// In raw strings too the backslash keeps the quote behind it from ending the string.
void PythonLexer::skip_escape() {
  ++position_;
  if (at_end()) return;
  if (at_newline())
    skip_newline();
  else
    skip_character();
}

}  // namespace spokeshave
