#pragma once

#include <string>

#include "src/inspection.h"
#include "src/preload_plan.h"
#include "src/style.h"

namespace spokeshave {

/// The list for a terminal of 80 columns: SONAME, wheel and reason of each library in load order;
/// who loads them; then what is wrong, and what else the user should know.
std::string preload_list(const Inspection& inspection, const PreloadPlan& plan, const Style& style);

}  // namespace spokeshave
