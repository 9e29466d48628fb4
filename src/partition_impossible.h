#pragma once

#include "src/partition.h"

namespace spokeshave {

/// The smallest limit of each kind under which the problem has an assignment, the other kind
/// unlimited. Any number of companions is allowed.
Impossible smallest_limits(const PartitionProblem& problem);

}  // namespace spokeshave
