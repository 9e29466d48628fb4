#include "src/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>

#include "src/failure.h"
#include "src/recipe_keys.h"
#include "src/recipe_values.h"
#include "src/regular_file.h"
#include "src/toml_value.h"
#include "wheel/error.h"
#include "wheel/file_window.h"
#include "wheel/filename.h"
#include "wheel/metadata.h"
#include "wheel/version.h"

namespace spokeshave {

namespace {

constexpr std::size_t kLargest = 1 << 20;  // bytes of a recipe

std::string what_failed(const std::string& path) {
  return fmt::format("cannot take the recipe `{}`", path);
}

/// The wheel that a table is named for.
WheelRecipe named(const TomlEntry& entry) {
  const std::string& key = entry.key;
  const std::size_t equals = key.find("==");
  const std::string name = key.substr(0, equals);
  WheelRecipe recipe;
  try {
    if (wheel::requirement_name(name) != name) {
      throw wheel::Error("", "the name is not one");
    }
    recipe.distribution = wheel::normalise_name(name);
    if (equals != std::string::npos) {
      recipe.version = wheel::normalise_version(key.substr(equals + 2));
    }
  } catch (const wheel::Error&) {
    throw RecipeError(entry.line, fmt::format("`{}` names no wheel", key),
                      "a table is called [NAME] or [\"NAME==VERSION\"]");
  }
  return recipe;
}

WheelRecipe read_table(const TomlEntry& entry, const std::string& folder) {
  WheelRecipe recipe = named(entry);
  const auto* table = std::get_if<TomlTable>(&entry.value.value);
  if (table == nullptr) {
    throw RecipeError(
        entry.line,
        fmt::format("`{}` is {}, not the table of a wheel", entry.key, kind_of(entry.value)),
        "put the name of the wheel above it, as in [torch]");
  }
  recipe.request = read_request(*table, entry.line, folder);
  return recipe;
}

Recipe read_tables(const TomlTable& text, const std::string& folder) {
  Recipe recipe;
  for (const TomlEntry& entry : text) {
    WheelRecipe table = read_table(entry, folder);
    const auto same =
        std::find_if(recipe.tables.begin(), recipe.tables.end(), [&](const WheelRecipe& other) {
          return other.distribution == table.distribution && other.version == table.version;
        });
    if (same != recipe.tables.end()) {
      const TomlEntry& first = text[static_cast<std::size_t>(same - recipe.tables.begin())];
      throw RecipeError(
          entry.line,
          fmt::format("`{}` is the wheel of `{}` in line {}", entry.key, first.key, first.line),
          "put all that is said of a wheel into one table");
    }
    recipe.tables.push_back(std::move(table));
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (recipe.tables[i].request.empty()) {
      throw RecipeError(text[i].line,
                        fmt::format("the table `{}` does not say what to change", text[i].key),
                        "name an edit in it, or leave the table out");
    }
  }
  return recipe;
}

std::string read_text(const std::string& path) {
  const RegularFile file(path);
  const auto size = static_cast<std::uint64_t>(file.status().st_size);
  if (size > kLargest) {
    throw wheel::Error("", fmt::format("it has {} bytes, and a recipe has 1 MB at most", size));
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  wheel::read_at(file.descriptor(), 0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace

Recipe parse_recipe(const std::string& text, const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  try {
    return read_tables(parse_toml(text), folder);
  } catch (const TomlError& error) {
    throw Failure(ExitCode::kUsage, what_failed(path),
                  fmt::format("line {}: {}", error.line(), error.what()),
                  "a recipe is TOML 1.0: a table for each wheel, strings in quotes");
  } catch (const RecipeError& error) {
    throw Failure(ExitCode::kUsage, what_failed(path),
                  fmt::format("line {}: {}", error.line(), error.what()), error.hint());
  }
}

Recipe read_recipe(const std::string& path) {
  std::string text;
  try {
    text = read_text(path);
  } catch (const std::system_error& error) {
    const bool is_odd = error.code() == std::errc::invalid_argument;
    throw Failure(ExitCode::kFailed, fmt::format("cannot read the recipe `{}`", path),
                  is_odd ? "it is no regular file" : error.code().message(),
                  "--recipe takes a file of TOML");
  } catch (const wheel::Error& error) {
    throw Failure(ExitCode::kFailed, fmt::format("cannot read the recipe `{}`", path), error.what(),
                  "--recipe takes a file of TOML");
  }
  return parse_recipe(text, path);
}

const PatchRequest* find(const Recipe& recipe, const std::string& distribution,
                         const std::string& version) {
  const std::string name = wheel::normalise_name(distribution);
  const std::string normal = wheel::normalise_version(version);
  const PatchRequest* found = nullptr;
  for (const WheelRecipe& table : recipe.tables) {
    if (table.distribution != name) {
      continue;
    }
    if (table.version == normal) {
      return &table.request;
    }
    found = table.version ? found : &table.request;
  }
  return found;
}

}  // namespace spokeshave
