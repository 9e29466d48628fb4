#pragma once

#include <string>
#include <vector>

namespace spokeshave {

/// `did you mean X?` for the candidate that takes the fewest changed letters to get from `wanted`
/// to it, if they are few enough for a slip of the fingers; else `otherwise`.
std::string did_you_mean(const std::string& wanted, const std::vector<std::string>& candidates,
                         const std::string& otherwise);

}  // namespace spokeshave
