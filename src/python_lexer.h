#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Python source cut into tokens, as far as python_source.cpp has use for them: the language
// reference, ch. 2 "Lexical analysis", and PEP 701 for what stands between the braces of an
// f-string. Works on the file's bytes: they are not decoded, only told apart where an encoding puts
// ASCII bytes inside its characters.
namespace spokeshave {

enum class TokenKind {
  kName,             ///< identifiers and keywords; numbers too
  kString,           ///< a whole literal
  kFormattedString,  ///< the whole of an f-string or t-string; tokens of its fields come before it
  kComment,
  kOther,    ///< one character of anything else; what opens a formatted string
  kNewline,  ///< ends a logical line that has tokens in it
  kEnd,
  kBroken,  ///< what is no Python; it comes again and again from there
};

struct Token {
  TokenKind kind;
  std::size_t begin;
  std::size_t end;
  std::string_view text;   ///< from begin to end; of kBroken: what is wrong, in words
  std::string_view value;  ///< of a literal: what stands between its quotes
  std::string_view prefix = {};
};

/// Linear in the source's size, and total: hostile text ends in kEnd or kBroken.
class PythonLexer {
 public:
  explicit PythonLexer(std::string_view source);

  Token next();

  /// Where the physical line starts with which the current logical line begins: that of the last
  /// token, or of the next one after kNewline.
  std::size_t line_begin() const { return line_begin_; }

 private:
  enum class Mode {
    kBracket,     ///< inside ( [ {
    kField,       ///< inside the braces of a formatted string
    kLiteral,     ///< in the text of a formatted string
    kFormatSpec,  ///< behind the colon of a field
  };
  struct Quoting {
    char quote = 0;
    bool triple = false;
    bool raw = false;
    std::size_t begin = 0;  ///< of the prefix
    std::size_t value = 0;  ///< of what stands behind the opening quotes
  };
  struct Frame {
    Mode mode;
    Quoting quoting;  ///< of the formatted string that the frame belongs to
  };

  Token code();
  Token newline();
  Token comment();
  Token name_or_string();
  Token string(std::size_t begin, std::string_view prefix);
  Token plain_string(const Quoting& quoting, std::string_view prefix);
  Token formatted_text();
  Token punctuation();
  Token token(TokenKind kind, std::size_t begin) const;
  Token broken(const char* why);

  bool at_end() const { return position_ >= source_.size(); }
  bool at_newline() const { return source_[position_] == '\n' || source_[position_] == '\r'; }
  bool in_code() const;
  bool closes(const Quoting& quoting) const;
  char peek(std::size_t ahead = 1) const;
  void skip_newline();
  void skip_character();
  void skip_escape();

  std::string_view source_;
  std::size_t position_ = 0;
  std::size_t line_begin_ = 0;
  bool line_has_tokens_ = false;
  unsigned char trail_byte_ = 0;  ///< the smallest second byte of the encoding's characters, or 0
  bool single_byte_kana_ = false;
  std::vector<Frame> frames_;
  const char* broken_ = nullptr;
};

}  // namespace spokeshave
