#include "src/recipe_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "src/edit_checks.h"
#include "src/failure.h"
#include "src/file_mode.h"
#include "src/nearest.h"
#include "src/output_wheels.h"
#include "src/recipe_values.h"

namespace spokeshave {

namespace {

using Kind = LibraryEdit::Kind;

[[noreturn]] void refuse(unsigned line, const std::string& what, const std::string& hint) {
  throw RecipeError(line, what, hint);
}

/// Where a request is gathered.
struct Target {
  PatchRequest& request;
  const std::string& folder;

  std::string at_folder(const std::string& path) const {
    return folder.empty() ? path : (std::filesystem::path(folder) / path).string();
  }
};

struct Key {
  std::string name;
  const char* example;
  std::function<void(const RecipeValue&, Target&)> take;
};

/// Runs a check that throws Failure of the text that is a value of `key`.
void check(unsigned line, const std::string& key, const std::string& text,
           const std::function<void()>& is_proper) {
  try {
    is_proper();
  } catch (const Failure& failure) {
    refuse(line, fmt::format("{} `{}`: {}", key, text, failure.cause()), failure.hint());
  }
}

/// A list of names or requirements of METADATA, each checked where it stands.
Key requirements(const char* name, const char* example,
                 std::vector<std::string> MetadataEdits::*list) {
  return {name, example, [list](const RecipeValue& read, Target& target) {
            for (const auto& [text, line] : read.strings(read.value())) {
              MetadataEdits one;
              (one.*list).push_back(text);
              check(line, read.key(), text, [&] { check_edits(one); });
              (target.request.metadata.*list).push_back(text);
            }
          }};
}

Key tag(const char* name, const char* example, std::optional<std::string> TagEdits::*field) {
  return {name, example, [field](const RecipeValue& read, Target& target) {
            const bool is_build = field == &TagEdits::build;
            TagEdits one;
            one.*field = read.string(read.value(), is_build);
            check(read.value().line, read.key(), *(one.*field), [&] { check_edits(one); });
            target.request.tags.*field = one.*field;
          }};
}

Key diffs(const char* name, const char* example, bool is_folder) {
  return {name, example, [is_folder](const RecipeValue& read, Target& target) {
            for (const auto& [path, line] : read.strings(read.value())) {
              target.request.diffs.sources.push_back({target.at_folder(path), is_folder});
            }
          }};
}

void read_requires_python(const RecipeValue& read, Target& target) {
  MetadataEdits one;
  one.requires_python = read.string(read.value());
  check(read.value().line, read.key(), *one.requires_python, [&] { check_edits(one); });
  target.request.metadata.requires_python = one.requires_python;
}

void read_suffix(const RecipeValue& read, Target& target) {
  target.request.suffix = read.string(read.value());
  check(read.value().line, read.key(), *target.request.suffix,
        [&] { new_version("0", std::nullopt, target.request.suffix); });
}

void read_version(const RecipeValue& read, Target& target) {
  target.request.version = read.string(read.value());
  check(read.value().line, read.key(), *target.request.version,
        [&] { new_version("0", target.request.version, std::nullopt); });
}

void read_strip_count(const RecipeValue& read, Target& target) {
  const std::int64_t count = read.integer(read.value());
  if (count < 0 || count > 100) {
    refuse(read.value().line, fmt::format("`strip-count` is {}, not from 0 to 100", count),
           "1, what it is without this key, fits what git writes: a/PATH, b/PATH");
  }
  target.request.diffs.strip_count = static_cast<unsigned>(count);
}

void read_patch_prog(const RecipeValue& read, Target& target) {
  target.request.diffs.patch_prog = read.string(read.value());
}

void read_additions(const RecipeValue& read, Target& target) {
  for (const TomlEntry& entry : read.table(read.value())) {
    target.request.additions.push_back({entry.key, target.at_folder(read.string(entry.value))});
  }
}

void read_removals(const RecipeValue& read, Target& target) {
  for (const auto& [glob, line] : read.strings(read.value())) {
    target.request.removals.push_back(glob);
  }
}

void read_remove_preload(const RecipeValue& read, Target& target) {
  target.request.remove_preload = read.boolean(read.value());
}

void read_modes(const RecipeValue& read, Target& target) {
  for (const TomlEntry& entry : read.table(read.value())) {
    if (const auto* number = std::get_if<std::int64_t>(&entry.value.value)) {
      refuse(entry.value.line,
             fmt::format("the mode of `{}` is the number {}, which may be meant as octal or not",
                         entry.key, *number),
             "put the mode in quotes: \"755\"");
    }
    const std::string text = read.string(entry.value);
    const auto mode = parse_mode(text);
    if (!mode) {
      refuse(entry.value.line, fmt::format("`{}` is no mode", text),
             "it takes the permission bits in octal, \"400\" to \"777\"; the owner must be able to "
             "read");
    }
    target.request.modes.push_back({entry.key, *mode});
  }
}

/// The key of a kind of library edit: its option without `--`.
Key library_edits(Kind kind, const char* example) {
  return {option_of(kind) + 2, example, [kind](const RecipeValue& read, Target& target) {
            std::vector<LibraryEdit>& edits = target.request.library_edits;
            if (kind == Kind::kRemoveRpath) {
              for (const auto& [glob, line] : read.strings(read.value())) {
                edits.push_back({kind, glob, "", ""});
              }
              return;
            }
            for (const TomlEntry& entry : read.table(read.value())) {
              if (kind == Kind::kReplaceNeeded) {
                for (const TomlEntry& pair : read.table(entry.value)) {
                  edits.push_back({kind, entry.key, read.string(pair.value), pair.key});
                }
              } else if (kind == Kind::kAddNeeded || kind == Kind::kRemoveNeeded) {
                for (const auto& [name, line] : read.strings(entry.value)) {
                  edits.push_back({kind, entry.key, name, ""});
                }
              } else {
                const bool is_path = kind != Kind::kSetSoname;  // one that is empty is one too
                edits.push_back({kind, entry.key, read.string(entry.value, is_path), ""});
              }
            }
          }};
}

const std::vector<Key>& keys() {
  static const std::vector<Key> kKeys = {
      requirements("drop-requires", "[\"triton\"]", &MetadataEdits::drop_requires),
      requirements("add-requires", "[\"numpy>=1.2\"]", &MetadataEdits::add_requires),
      requirements("set-requires", "[\"sympy==1.12\"]", &MetadataEdits::set_requires),
      {"requires-python", "\">=3.8\"", read_requires_python},
      {"suffix", "\"stripe.1\"", read_suffix},
      {"version", "\"2.1.0+stripe.1\"", read_version},
      tag("build", "\"1\"", &TagEdits::build),
      tag("python-tag", "\"py3\"", &TagEdits::python_tag),
      tag("abi-tag", "\"abi3\"", &TagEdits::abi_tag),
      tag("platform-tag", "\"manylinux_2_17_x86_64\"", &TagEdits::platform_tag),
      diffs("patch", "[\"fix.patch\"]", false),
      diffs("patch-dir", "\"patches\"", true),
      {"strip-count", "1", read_strip_count},
      {"patch-prog", "\"gpatch\"", read_patch_prog},
      {"add", "{ \"torch/NOTE\" = \"NOTE\" }", read_additions},
      {"remove", "[\"torch/test/*\"]", read_removals},
      {"chmod", "{ \"torch/bin/*\" = \"755\" }", read_modes},
      {"remove-preload", "true", read_remove_preload},
      library_edits(Kind::kSetRunpath, "{ \"*.so\" = \"$ORIGIN\" }"),
      library_edits(Kind::kSetRpath, "{ \"*.so\" = \"$ORIGIN\" }"),
      library_edits(Kind::kRemoveRpath, "[\"*.so\"]"),
      library_edits(Kind::kSetSoname, "{ \"libx.so\" = \"libx.so.1\" }"),
      library_edits(Kind::kReplaceNeeded, "{ \"*.so\" = { \"libold.so\" = \"libnew.so\" } }"),
      library_edits(Kind::kAddNeeded, "{ \"*.so\" = [\"libx.so\"] }"),
      library_edits(Kind::kRemoveNeeded, "{ \"*.so\" = [\"libx.so\"] }"),
  };
  return kKeys;
}

[[noreturn]] void refuse_key(const TomlEntry& entry) {
  std::vector<std::string> names;
  for (const Key& key : keys()) {
    names.push_back(key.name);
  }
  refuse(entry.line, fmt::format("`{}` is no key of a recipe", entry.key),
         did_you_mean(entry.key, names,
                      std::holds_alternative<TomlTable>(entry.value.value)
                          ? "a wheel's name that has a dot stands in quotes: [\"zope.interface\"]"
                          : "keys are options of `spokeshave patch` without `--`"));
}

}  // namespace

PatchRequest read_request(const TomlTable& table, unsigned line, const std::string& folder) {
  PatchRequest request;
  Target target{request, folder};
  for (const TomlEntry& entry : table) {
    const auto key = std::find_if(keys().begin(), keys().end(),
                                  [&](const Key& known) { return known.name == entry.key; });
    if (key == keys().end()) {
      refuse_key(entry);
    }
    key->take(RecipeValue(entry, key->example), target);
  }
  std::stable_sort(request.library_edits.begin(), request.library_edits.end(),
                   [](const LibraryEdit& a, const LibraryEdit& b) { return a.kind < b.kind; });
  try {
    check_edits(request.metadata);  // all of them together
  } catch (const Failure& failure) {
    refuse(line, failure.what(), failure.hint());
  }
  if (request.suffix && request.version) {
    refuse(line, "`suffix` and `version` exclude each other",
           "`version` sets all of it, also what stands behind the +");
  }
  return request;
}

}  // namespace spokeshave
