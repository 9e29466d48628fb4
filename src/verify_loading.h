#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/inspection.h"
#include "src/verification.h"

namespace spokeshave {

/// A library of the inspection, and a name that it needs.
using NeedKey = std::pair<std::size_t, std::string>;

/// Tells what the loader will not find, for whom, and where it will look; and counts the needs that
/// are met. `numbers[i]` is the place in `verification.wheels` of the inspection's wheel i. What
/// the original misses as well, `missed_before`, is a note. Pure.
void check_loading(const Inspection& inspection, const std::vector<std::size_t>& numbers,
                   const std::set<NeedKey>& missed_before, Verification& verification);

/// The places of some attempts, as the user knows them; not more than the loader model notes.
std::vector<TriedPlace> tried_places(const Inspection& inspection,
                                     const std::vector<elf::Attempt>& attempts);

}  // namespace spokeshave
