#pragma once

#include <cstddef>
#include <string_view>

#include "src/failure.h"

namespace spokeshave {

/// Goes through a diff's text line by line, and knows where it is.
class DiffLines {
 public:
  DiffLines(std::string_view text, const std::string& diff_name)
      : text_(text), diff_name_(diff_name) {
    find_end();
  }

  bool done() const { return at_ >= text_.size(); }
  std::size_t number() const { return number_; }  ///< of the current line, from 1
  std::size_t offset() const { return at_; }      ///< of the current line in the text
  void next();

  /// The current line as it stands, without its "\n".
  std::string_view raw() const { return text_.substr(at_, end_ - at_); }
  /// The same without a "\r" at its end.
  std::string_view line() const;
  bool is_crlf() const { return raw().ends_with('\r'); }
  /// The current line, where it begins with `prefix`: what stands behind that.
  bool begins_with(std::string_view prefix) const { return raw().starts_with(prefix); }
  /// Whether the line that follows, or the one after that, begins with `prefix`.
  bool following_begins_with(std::string_view prefix, int how_far = 1) const;

  std::string_view text_between(std::size_t begin, std::size_t end) const {
    return text_.substr(begin, end - begin);
  }

  /// For a diff that cannot be taken: `cause` is put behind `line N `.
  Failure failure(std::size_t line, const std::string& cause, const std::string& hint) const;
  Failure failure(const std::string& cause, const std::string& hint) const {
    return failure(number_, cause, hint);
  }

 private:
  void find_end();

  std::string_view text_;
  std::string diff_name_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::size_t number_ = 1;
};

/// A line out of a diff or a file in quotes, cut to fit into a message; `nothing` for none.
std::string shown_line(std::string_view line);

}  // namespace spokeshave
