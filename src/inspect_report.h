#pragma once

#include <string>

#include "src/inspection.h"
#include "src/style.h"

namespace spokeshave {

/// The wheels, one line each: number (where there are several), name, version, sizes.
std::string wheel_summary(const Inspection& inspection, const Style& style);

/// The findings for a terminal of 80 columns: what, consequence, way out, and for what is missing
/// where it was looked for. Empty where there are none.
std::string finding_list(const Inspection& inspection, const Style& style);

}  // namespace spokeshave
