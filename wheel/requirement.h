#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wheel {

/// A dependency specifier (PEP 508), in parts that stand as they were given, without the blanks
/// around them.
struct Requirement {
  std::string name;
  std::vector<std::string> extras;
  std::string specifier;  ///< `>=1.2,<2`, without parentheses; empty where there is none
  std::string url;        ///< of `name @ url`
  std::string marker;     ///< what stands behind `;`
};

/// Reads one line, `numpy[x] >=1.2 ; python_version < "3.9"`, of the new syntax or the old one with
/// `(>=1.2)`. Throws wheel::Error with the column of the mistake and what was expected there.
Requirement parse_requirement(std::string_view text);

/// The same for what others wrote: of a marker only the grammar counts, as for packaging and uv.
Requirement parse_foreign_requirement(std::string_view text);

/// Whether both say the same: names and extras are compared normalised (PEP 503, 685), specifiers
/// in any order, without regard to blanks and to which quotes a marker uses. What is equal only by
/// its meaning (`==1.0`, `==1`) is not the same.
bool is_same_requirement(const Requirement& a, const Requirement& b);

}  // namespace wheel
