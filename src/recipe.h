#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/patch_request.h"

namespace spokeshave {

/// What a recipe says of one wheel: a table `[torch]` or `["torch==2.1.0"]`.
struct WheelRecipe {
  std::string distribution;            ///< normalised (PEP 503)
  std::optional<std::string> version;  ///< normalised (PEP 440); none: any
  PatchRequest request;

  bool operator==(const WheelRecipe&) const = default;
};

/// What is to be done to which wheel, as a text of TOML says it.
struct Recipe {
  std::vector<WheelRecipe> tables;  ///< in the order of the text
};

/// Parses a recipe: a table a wheel, its keys the options of `patch` without `--`. `path` is what
/// it was read from: it stands in messages, and relative paths of diffs and of files to add are
/// relative to its folder. Diffs come in the order of the keys `patch` and `patch-dir`, library
/// edits sorted by kind and within it in the order of the text. Throws Failure (kUsage) with the
/// line where the text is no TOML, a table asks for nothing, or a key, the type of a value or the
/// value itself is not proper.
Recipe parse_recipe(const std::string& text, const std::string& path);

/// Reads the recipe in a file of 1 MB at most. Throws Failure: kFailed where it can't be read, else
/// as parse_recipe.
Recipe read_recipe(const std::string& path);

/// What the recipe says of this wheel: a table with its version before one for any; nullptr where
/// there is none. The version is compared whole, local label included, in normal form.
const PatchRequest* find(const Recipe& recipe, const std::string& distribution,
                         const std::string& version);

}  // namespace spokeshave
