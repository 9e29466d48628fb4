#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wheel {

/// A line `name = value` of entry_points.txt.
struct EntryPoint {
  std::string section;
  std::string name;
  std::string value;
};

/// Reads entry_points.txt (entry points specification, "File format") as Python's configparser does
/// with `=` for its one delimiter, in its strict way. Throws wheel::Error naming the line for what
/// it refuses: text before the first section, a line that is neither, a section or a name in it
/// that stands twice.
std::vector<EntryPoint> parse_entry_points(std::string_view text);

}  // namespace wheel
