#pragma once

#include <string>

#include "src/inspection.h"
#include "src/style.h"

namespace spokeshave {

/// Who needs whom, for a terminal of 80 columns: from what is opened first down to what needs
/// nobody; each library in full once, later by reference. The rule that met each need, and sizes.
/// What the system brings is left out.
std::string graph_tree(const Inspection& inspection, const Style& style);

/// One line a library, the largest first: size, packed size, kind, path.
std::string library_table(const Inspection& inspection, const Style& style);

}  // namespace spokeshave
