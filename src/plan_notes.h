#pragma once

#include <string>
#include <vector>

#include "src/split_plan.h"

namespace spokeshave {

/// What the user should know about a plan before it is carried out: texts that name a moved library
/// for a linker, extension modules larger than all that moves, libraries moved although code opens
/// them by path, needs that were not met to begin with, a missing package for the preload block.
std::vector<std::string> plan_notes(const Inventory& inventory, const NeedGraph& graph,
                                    const SplitPlan& plan);

}  // namespace spokeshave
