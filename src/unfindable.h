#pragma once

#include <string>

#include "src/inspection.h"

// Needs that neither a library of the set nor the system can meet by their name: a relative path,
// which the loader takes from the folder in which the process was started; and what a library
// without default folders (DF_1_NODEFLIB) needs of the system.
namespace spokeshave {

bool is_unfindable(const UnmetNeed& need);

struct Unfindable {
  std::string why;      ///< a clause
  std::string way_out;  ///< an imperative
};

/// Why such a need is not met.
Unfindable explain_unfindable(const Inspection& inspection, const UnmetNeed& need);

}  // namespace spokeshave
