#pragma once

#include <string>
#include <vector>

namespace support {

/// A wheel with one thing wrong, or odd and right.
struct FaultyWheel {
  std::string claim;  ///< what is wrong with it
  std::string file_name;
  std::string bytes;
  std::vector<std::string> flaws;  ///< `rule | refused by | member`, in the order they are told
};

/// Wheels that each have one thing in their zip structure that PyPI, uv or pip refuses; first those
/// that have none.
std::vector<FaultyWheel> wheels_with_faulty_zips();

/// The same for what stands in their names, folders and texts.
std::vector<FaultyWheel> wheels_with_faulty_texts();

}  // namespace support
