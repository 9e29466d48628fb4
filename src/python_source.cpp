#include "src/python_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "src/failure.h"
#include "src/python_lexer.h"

namespace spokeshave {
namespace {

struct LineEnds {
  std::size_t lf = 0;
  std::size_t crlf = 0;
  std::size_t cr = 0;
};

LineEnds count_line_ends(std::string_view source) {
  LineEnds count;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\n') ++count.lf;
    if (source[i] != '\r') continue;
    const bool pair = i + 1 < source.size() && source[i + 1] == '\n';
    ++(pair ? count.crlf : count.cr);
    if (pair) ++i;
  }
  return count;
}

std::size_t line_number(std::string_view source, std::size_t offset) {
  const LineEnds before = count_line_ends(source.substr(0, offset));
  return before.lf + before.crlf + before.cr + 1;
}

// The statements that must stay on top of a module, read with one token of sight.
class ModuleHead {
 public:
  explicit ModuleHead(std::string_view source) : source_(source), lexer_(source) { advance(); }

  std::size_t end() {
    std::optional<std::size_t> place;
    for (bool first = true;; first = false) {
      if (token_.kind == TokenKind::kEnd) return place.value_or(source_.size());
      const std::size_t line = lexer_.line_begin();
      if (!take_docstring_if(first) && !take_future_import()) {
        if (first) return line;
        if (!place) throw no_place("a statement follows on the same line");
        return *place;
      }
      place = take_line_end();
    }
  }

 private:
  // A docstring is an expression statement of nothing but str literals: joined, in brackets or not.
  // Where it returns false, what it has read cannot begin a future statement.
  bool take_docstring_if(bool first) {
    if (!first || !(token_.kind == TokenKind::kString || at("("))) return false;
    std::size_t open = 0;
    for (; at("("); advance()) ++open;
    if (!at_text()) return false;
    while (at_text()) advance();
    for (; open > 0 && at(")"); advance()) --open;
    return open == 0 && at_statement_end();
  }

  bool take_future_import() {
    for (const char* word : {"from", "__future__", "import"}) {
      if (!at(word)) return false;
      advance();
    }
    while (!at_statement_end()) advance();
    return true;
  }

  // Nothing where another statement follows on the line.
  std::optional<std::size_t> take_line_end() {
    while (at(";")) advance();
    if (token_.kind == TokenKind::kEnd) return source_.size();
    if (token_.kind != TokenKind::kNewline) return std::nullopt;
    const std::size_t place = token_.end;
    advance();
    return place;
  }

  bool at(std::string_view text) const {
    return (token_.kind == TokenKind::kOther || token_.kind == TokenKind::kName) &&
           token_.text == text;
  }
  bool at_text() const {
    return token_.kind == TokenKind::kString &&
           token_.prefix.find_first_of("bB") == token_.prefix.npos;
  }
  bool at_statement_end() const {
    return token_.kind == TokenKind::kNewline || token_.kind == TokenKind::kEnd || at(";");
  }

  void advance() {
    do token_ = lexer_.next();
    while (token_.kind == TokenKind::kComment);
    if (token_.kind == TokenKind::kBroken) throw no_place(token_.text);
  }

  Failure no_place(std::string_view why) const {
    return Failure(ExitCode::kFailed, "no code can be put at the head of the Python module",
                   fmt::format("line {}: {}", line_number(source_, token_.begin), why),
                   "mend the module, or give each of its first statements a line of its own");
  }

  std::string_view source_;
  PythonLexer lexer_;
  Token token_{};
};

}  // namespace

std::size_t first_statement_offset(std::string_view source) {
  return ModuleHead(source).end();
}

std::string line_ending(std::string_view source) {
  const LineEnds count = count_line_ends(source);
  if (count.lf >= std::max(count.crlf, count.cr)) return "\n";
  return count.crlf >= count.cr ? "\r\n" : "\r";
}

std::vector<std::string_view> string_literals(std::string_view source) {
  std::vector<std::string_view> values;
  PythonLexer lexer(source);
  for (;;) {
    const Token token = lexer.next();
    if (token.kind == TokenKind::kEnd || token.kind == TokenKind::kBroken) return values;
    if (token.kind == TokenKind::kString || token.kind == TokenKind::kFormattedString)
      values.push_back(token.value);
  }
}

}  // namespace spokeshave
