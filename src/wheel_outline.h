#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/partition.h"
#include "wheel/filename.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

struct OutlineMember {
  std::string name;
  std::string installed_path;
  std::uint64_t size = 0;
  std::uint64_t packed_bytes = 0;
};

/// What the planner wants to know of a wheel apart from its libraries: plain values, so that a test
/// can make one.
struct WheelOutline {
  wheel::Filename filename;
  std::string name;                       ///< METADATA's Name
  std::string version;                    ///< METADATA's Version
  std::string dist_info;                  ///< the folder, no slash
  std::vector<std::string> requirements;  ///< names of Requires-Dist, normalised
  std::vector<OutlineMember> members;     ///< files only, in the archive's order

  bool has(const std::string& installed_path) const;
};

WheelOutline outline(const wheel::WheelFile& wheel);

/// What one member of this name and these sizes adds to a wheel, its zip headers and its RECORD row
/// included. An upper bound.
Weight member_weight(const std::string& name, std::uint64_t size, std::uint64_t packed_bytes);

}  // namespace spokeshave
