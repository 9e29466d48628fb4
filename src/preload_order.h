#pragma once

#include <cstddef>
#include <vector>

#include "src/split_plan.h"

namespace spokeshave {

/// The libraries (indices) that must be loaded beforehand so that every need that is met in one
/// folder is met too where each wheel has a folder of its own: those that moved and that others
/// need, those that these need in turn, and the targets of dlopen that could not be found. Each
/// after all that it needs. Stable: ascending by library among equals.
std::vector<std::size_t> preload_order(const Inventory& inventory, const NeedGraph& graph,
                                       const SplitPlan& plan);

/// The block's lines for them.
std::vector<PreloadLibrary> preload_libraries(const Inventory& inventory, const NeedGraph& graph,
                                              const SplitPlan& plan,
                                              const std::vector<std::size_t>& order);

/// The `__init__.py` that is to hold the block, by its installed path: of the package that holds
/// most of what moves, or whose extension modules need it; `request.package` decides where it is
/// set. Empty where the wheel has no such package. Throws Failure where the user's package has
/// none.
std::string choose_init(const WheelOutline& outline, const Inventory& inventory,
                        const SplitPlan& plan, const SplitRequest& request);

}  // namespace spokeshave
