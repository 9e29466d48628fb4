#pragma once

#include <string>

#include "src/patch_request.h"

namespace spokeshave {

/// The recipe that says this request of the wheels of `key` (`torch`, `torch==2.1.0`): parse_recipe
/// gives the same request back, its library edits sorted by kind and those of a GLOB together.
/// Paths stand as they are given, so relative ones count from the folder in which the recipe will
/// lie. Throws Failure (kUsage) for what a recipe can't say: text that is no UTF-8, the same GLOB
/// twice in one option that has one value for it, diffs and folders of diffs in turns.
std::string recipe_text(const std::string& key, const PatchRequest& request);

}  // namespace spokeshave
