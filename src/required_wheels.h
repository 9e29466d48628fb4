#pragma once

#include <cstddef>
#include <vector>

#include "src/inspection.h"

namespace spokeshave {

/// For each wheel of a set those of the set that installing it brings: itself, what it requires by
/// Requires-Dist, what that requires, and so on; what is required stands before what requires it,
/// but for circles, and the wheel itself last. Markers and extras are not looked at.
std::vector<std::vector<std::size_t>> required_wheels(const std::vector<InspectedWheel>& wheels);

}  // namespace spokeshave
