#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wheel {

/// A text of `Name: value` lines, folded lines and perhaps a body, as METADATA and WHEEL are (core
/// metadata specification; RFC 822). Edited by line: what is not edited stays byte for byte, line
/// ends included. Only the header counts: it ends at the first empty line.
class Headers {
 public:
  /// Throws wheel::Error where a header line is neither `Name: value` nor folded.
  explicit Headers(std::string text);

  /// The value of the first field of this name (compared without case), unfolded, without the
  /// blanks around it.
  std::optional<std::string> get(std::string_view name) const;
  std::vector<std::string> get_all(std::string_view name) const;

  /// Replaces the value of the first field of this name; adds the field at the header's end where
  /// there is none.
  void set(std::string_view name, std::string_view value);
  /// Adds a field behind the last one of this name, or else at the header's end.
  void add(std::string_view name, std::string_view value);
  /// Removes the field that get_all(name)[index] gave.
  void remove(std::string_view name, std::size_t index);
  /// What shall stand in the place of a field with this value: nothing said leaves it byte for
  /// byte, no values remove it.
  using Decision = std::function<std::optional<std::vector<std::string>>(const std::string& value)>;
  /// Asks about each field of this name, from the first on, and puts one field for each value in
  /// its place, the name spelled as there.
  void rewrite(std::string_view name, const Decision& decide);

  const std::string& text() const { return text_; }

 private:
  struct Field {
    std::size_t begin = 0;  ///< of the line in text_
    std::size_t end = 0;    ///< past its last line end
    std::size_t name_size = 0;
  };
  std::vector<Field> fields() const;
  std::vector<Field> fields_of(std::string_view name) const;
  std::string value_of(const Field& field) const;
  std::string text_;
};

/// A requirement's name as it stands in a Requires-Dist value of either syntax: `nvidia-nccl-cu12
/// (==2.18.1) ; extra == 'x'` and `nvidia-nccl-cu12[y]==2.18.1; ...`. Throws wheel::Error where it
/// begins with no name.
std::string requirement_name(std::string_view requirement);

}  // namespace wheel
