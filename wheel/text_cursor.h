#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "wheel/error.h"

namespace wheel {

/// `text`, in backquotes, for a message; its beginning where it is long.
inline std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string shown = "`";  // by steps: g++ 12 sees overlaps in + that are not there (GCC 105651)
  shown += text.substr(0, kLongest);
  shown += text.size() > kLongest ? "...`" : "`";
  return shown;
}

/// A line of text that is read from left to right, and the place in it where something is wrong.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }
  std::size_t position() const { return position_; }  ///< in bytes
  std::string_view rest() const { return text_.substr(position_); }
  bool at_end() const { return position_ == text_.size(); }
  /// The next byte; NUL at the end.
  char next() const { return at_end() ? '\0' : text_[position_]; }

  bool take(std::string_view word) {
    if (!rest().starts_with(word)) {
      return false;
    }
    position_ += word.size();
    return true;
  }
  template <typename Predicate>
  std::string_view take_while(Predicate belongs) {
    const std::string_view here = rest();
    const auto end = std::find_if_not(here.begin(), here.end(), belongs);
    const auto size = static_cast<std::size_t>(end - here.begin());
    position_ += size;
    return here.substr(0, size);
  }
  /// Blanks and tabs; whether there were any.
  bool skip_blanks() {
    return !take_while([](char c) { return c == ' ' || c == '\t'; }).empty();
  }

  /// Throws wheel::Error: `column N: WHAT`.
  [[noreturn]] void fail(const std::string& what) const { fail_at(position_, what); }
  [[noreturn]] void fail_at(std::size_t position, const std::string& what) const {
    // Counted in letters: a UTF-8 letter goes on with bytes 10xxxxxx.
    const std::string_view before = text_.substr(0, position);
    const auto letters = std::count_if(before.begin(), before.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    });
    throw Error("", "column " + std::to_string(letters + 1) + ": " + what);
  }
  /// What stands here, for a message: the rest of the word, or that nothing does.
  std::string found() const {
    if (at_end()) {
      return "the text ends";
    }
    const std::string_view here = rest();
    const std::size_t end = std::min(here.find_first_of(" \t,;()[]\"'"), here.size());
    return quoted(here.substr(0, std::max<std::size_t>(end, 1))) + " stands here";
  }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace wheel
