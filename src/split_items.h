#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/mobility.h"
#include "src/partition.h"
#include "src/split_plan.h"

namespace spokeshave {

/// What is assumed of a rewritten library's packed size, until it is measured.
enum class Packing {
  kWorse,     ///< up to a tenth more than before: other compressors pack better than ours
  kAsBefore,  ///< as much as before
};

/// The partition problem of a wheel. An item is one library, or several that need each other in a
/// circle and so cannot part: where every wheel has a folder of its own, nothing could be loaded
/// first.
struct SplitItems {
  PartitionProblem problem;
  std::vector<std::vector<std::size_t>> members;  ///< of each item: indices of libraries, ascending
};

/// `places` as places_in_companion() gives them. Throws Failure where a circle holds both a library
/// that must stay and one that must move.
SplitItems split_items(const WheelOutline& outline, const Inventory& inventory,
                       const NeedGraph& graph, const std::vector<Mobility>& mobility,
                       const std::vector<std::string>& places, const SplitRequest& request,
                       const PackedSizes& measured, Packing packing = Packing::kWorse);

/// The most that a wheel of this outline holds besides its libraries: other members, and what is
/// written anew. Of a companion, part > 0.
Weight base_weight(const WheelOutline& outline, const Inventory& inventory);
Weight companion_base_weight(const WheelOutline& outline);

}  // namespace spokeshave
