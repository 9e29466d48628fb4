#pragma once

#include <cstddef>
#include <set>
#include <string_view>
#include <vector>

#include "src/inspection.h"
#include "src/verification.h"
#include "src/verify_loading.h"

namespace spokeshave {

/// The library of this member; nullptr where there is none.
const Library* find_library(const Inventory& inventory, std::string_view member);

/// Tells the needs of the original's libraries that the loader met before and does not meet now:
/// findings; and dlopens by names among their bytes, and needs that other files meet now: notes.
/// `original` has the original's libraries that differ or are gone; the others are those of the set
/// itself. With a folder a wheel, what the import of the packages loads counts, behind what it
/// opens first. Gives back the needs that were not met before either. Pure.
std::set<NeedKey> look_for_losses(const Inventory& original, const Inspection& inspection,
                                  const std::vector<std::size_t>& numbers,
                                  Verification& verification);

}  // namespace spokeshave
