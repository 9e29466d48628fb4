#pragma once

#include <cstddef>
#include <vector>

namespace elf {

/// A directed graph over 0..n-1: edges[i] lists what i needs.
using NeedGraph = std::vector<std::vector<std::size_t>>;

/// The groups of nodes that need each other in a circle, each ascending, in topological order: a
/// group stands behind all groups that it needs. A node in no circle is a group of one. Among
/// groups that could stand next, the one with the lowest smallest node stands first, so that the
/// order depends on the numbering only. Iterative: depth does not grow the stack. (Tarjan 1972,
/// Kahn 1962.)
std::vector<std::vector<std::size_t>> strongly_connected_groups(const NeedGraph& needs);

/// Every node after all that it needs; inside a circle, ascending. Stable as above.
std::vector<std::size_t> load_order(const NeedGraph& needs);

}  // namespace elf
