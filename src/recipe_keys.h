#pragma once

#include <string>

#include "src/patch_request.h"
#include "src/toml_value.h"

namespace spokeshave {

/// What the table of one wheel, in line `line`, asks for; relative paths become relative to where
/// `folder` is. Throws RecipeError (src/recipe_values.h) for a key that is none, a value of another
/// type than its key has, and a value that is not proper.
PatchRequest read_request(const TomlTable& table, unsigned line, const std::string& folder);

}  // namespace spokeshave
