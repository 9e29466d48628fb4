#pragma once

#include <string>
#include <string_view>
#include <vector>

// What differs between two states of a text with a header, as METADATA and WHEEL are.
namespace spokeshave {

/// A header line that went (`-`) or came (`+`), folded ones as one.
struct LineChange {
  char sign = '+';
  std::string line;
};

/// Which lines of a header went and came. Those that only moved are not told. Pure.
std::vector<LineChange> header_changes(std::string_view before, std::string_view after);

/// Whether what stands behind the header differs.
bool body_differs(std::string_view before, std::string_view after);

}  // namespace spokeshave
