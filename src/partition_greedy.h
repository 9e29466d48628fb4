#pragma once

#include <optional>

#include "src/partition_model.h"
#include "src/partition_search.h"

namespace spokeshave {

/// Parts that a placement uses, part 0 always among them.
std::size_t parts_of(const Placement& placement);

/// A placement in few parts, by what each item's weight alone suggests; none only where no
/// placement exists. Takes time in items times parts.
std::optional<Placement> place_greedily(const Model& model);

/// Betters a placement of few parts: again and again frees some items and places them anew in the
/// best way, while `*work` lasts. `key` is that of `placement`, before and after. Deterministic.
void improve(const Model& model, std::uint64_t* work, Placement* placement, Key* key);

}  // namespace spokeshave
