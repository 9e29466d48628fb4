#pragma once

#include <string>

#include "src/style.h"
#include "src/verification.h"

namespace spokeshave {

/// What became of the original's members, a line each, libraries field by field, METADATA and WHEEL
/// line by line; for a terminal of 80 columns. Wheels of a set are told apart by their numbers.
std::string comparison_text(const OriginalComparison& against, const Style& style);

}  // namespace spokeshave
