#include "src/recipe_writing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "src/failure.h"
#include "src/file_mode.h"
#include "src/recipe.h"
#include "tests/support/random_seed.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

namespace {

using nlohmann::json;
using spokeshave::LibraryEdit;
using spokeshave::parse_recipe;
using spokeshave::PatchRequest;
using spokeshave::recipe_text;
using Kind = LibraryEdit::Kind;

std::string refusal(const PatchRequest& request) {
  try {
    recipe_text("torch", request);
  } catch (const spokeshave::Failure& failure) {
    EXPECT_EQ(failure.code(), spokeshave::ExitCode::kUsage);
    return failure.cause();
  }
  return "accepted";
}

TEST(RecipeText, IsReadableAndReadBack) {
  PatchRequest request;
  request.suffix = "stripe.1";
  request.metadata.drop_requires = {"triton"};
  request.metadata.add_requires = {"numpy>=1.2", "six; extra == \"a\""};
  request.diffs.sources = {{"patches", true}, {"fix.patch", false}};
  request.modes = {{"bin/*", 0755}};
  request.library_edits = {{Kind::kAddNeeded, "*.so", "liba.so", ""},
                           {Kind::kSetRunpath, "torch/lib/*.so", "$ORIGIN", ""},
                           {Kind::kSetRunpath, "*.so", "$ORIGIN/lib", ""},
                           {Kind::kAddNeeded, "*.so", "libb.so", ""}};
  const std::string text = recipe_text("torch==2.1.0", request);
  EXPECT_EQ(text,
            "[\"torch==2.1.0\"]\n"
            "drop-requires = [\"triton\"]\n"
            "add-requires = [\n"
            "  \"numpy>=1.2\",\n"
            "  \"six; extra == \\\"a\\\"\",\n"
            "]\n"
            "suffix = \"stripe.1\"\n"
            "patch-dir = [\"patches\"]\n"
            "patch = [\"fix.patch\"]\n"
            "chmod = { \"bin/*\" = \"755\" }\n"
            "add-needed = { \"*.so\" = [\"liba.so\", \"libb.so\"] }\n"
            "\n"
            "[\"torch==2.1.0\".set-runpath]\n"
            "\"torch/lib/*.so\" = \"$ORIGIN\"\n"
            "\"*.so\" = \"$ORIGIN/lib\"\n");
  std::stable_sort(request.library_edits.begin(), request.library_edits.end(),
                   [](const auto& a, const auto& b) { return a.kind < b.kind; });
  EXPECT_EQ(parse_recipe(text, "").tables.at(0).request, request);
}

TEST(RecipeText, RefusesWhatARecipeCannotSay) {
  PatchRequest request;
  request.removals = {"\xe9"};
  EXPECT_EQ(refusal(request), "`\xe9` is not UTF-8, which TOML is");
  request = {};
  request.library_edits = {{Kind::kSetRpath, "a", "x", ""}, {Kind::kSetRpath, "a", "y", ""}};
  EXPECT_EQ(refusal(request), "--set-rpath has two values for `a`");
  request.library_edits = {{Kind::kReplaceNeeded, "a", "x", "o"},
                           {Kind::kReplaceNeeded, "a", "y", "o"}};
  EXPECT_EQ(refusal(request), "--replace-needed has two values for `o`");
  request = {};
  request.modes = {{"a", 0755}, {"a", 0644}};
  EXPECT_EQ(refusal(request), "--chmod has two values for `a`");
  request = {};
  request.additions = {{"a", "x"}, {"a", "y"}};
  EXPECT_EQ(refusal(request), "--add has two values for `a`");
  request = {};
  request.diffs.sources = {{"a", false}, {"b", true}, {"c", false}};
  EXPECT_EQ(refusal(request), "diffs and folders of diffs are to be applied in turns");
}

/// Makes requests of all sorts, in the order in which a recipe has what they hold.
class Requests {
 public:
  explicit Requests(unsigned seed) : random_(seed) {}

  PatchRequest next() {
    PatchRequest request;
    fill_metadata(request);
    request.tags = {.build = maybe("2_local"),
                    .python_tag = maybe("py2.py3"),
                    .abi_tag = maybe("none"),
                    .platform_tag = maybe("manylinux_2_17_x86_64")};
    const bool folders_first = chance();
    for (const bool is_folder : {folders_first, !folders_first}) {
      for (const std::string& path : texts()) request.diffs.sources.push_back({path, is_folder});
    }
    request.diffs.strip_count = number(4);
    request.diffs.patch_prog = chance() ? "patch" : text();
    for (const std::string& path : different()) request.additions.push_back({path, text()});
    request.removals = texts();
    for (const std::string& glob : different())
      request.modes.push_back({glob, 0400 + number(0400)});
    request.remove_preload = chance();
    for (const Kind kind :
         {Kind::kSetRunpath, Kind::kSetRpath, Kind::kRemoveRpath, Kind::kSetSoname,
          Kind::kReplaceNeeded, Kind::kAddNeeded, Kind::kRemoveNeeded}) {
      for (const std::string& glob : different()) fill_edits(request.library_edits, kind, glob);
    }
    return request;
  }

 private:
  std::uint32_t number(std::uint32_t below) {
    return static_cast<std::uint32_t>(random_() % below);
  }
  bool chance() { return random_() % 2 == 0; }
  std::optional<std::string> maybe(const std::string& text) {
    return chance() ? std::optional(text) : std::nullopt;
  }
  /// Letters that TOML treats in different ways.
  std::string text() {
    static const std::vector<std::string> kParts = {
        "a",      "lib",     ".so",     "*",  "/",    "\"",       "'",
        "\\",     " ",       "\t",      "\n", "\x01", "\x7f",     "#",
        "=",      "[",       "]",       "{",  ",",    "\xc3\xa9", "\xf0\x9f\x94\xa7",
        "\"\"\"", "\\u0041", "$ORIGIN", "\r"};
    std::string made;
    for (auto n = 1 + random_() % 6; n > 0; --n) made += kParts[random_() % kParts.size()];
    return made;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> made(random_() % 3);
    for (std::string& one : made) one = text();
    return made;
  }
  std::vector<std::string> different() {
    std::vector<std::string> made;
    for (const std::string& one : texts()) {
      if (std::find(made.begin(), made.end(), one) == made.end()) made.push_back(one);
    }
    return made;
  }
  std::vector<std::string> some_of(const std::vector<std::string>& all) {
    std::vector<std::string> made;
    for (const std::string& one : all) {
      if (chance()) made.push_back(one);
    }
    return made;
  }

  void fill_metadata(PatchRequest& request) {
    request.metadata = {.drop_requires = some_of({"triton", "Foo.Bar"}),
                        .add_requires = some_of({"six; extra == \"a\"", "x @ https://e.org/\\x"}),
                        .set_requires = some_of({"sympy (>=1.2)", "numpy[a]==1.*"}),
                        .requires_python = maybe(">=3.8,<4")};
    (chance() ? request.suffix : request.version) = maybe("1.2");
  }

  void fill_edits(std::vector<LibraryEdit>& edits, Kind kind, const std::string& glob) {
    if (kind == Kind::kRemoveRpath) {
      edits.push_back({kind, glob, "", ""});
    } else if (kind == Kind::kReplaceNeeded) {
      for (const std::string& old_name : different())
        edits.push_back({kind, glob, text(), old_name});
    } else if (kind == Kind::kAddNeeded || kind == Kind::kRemoveNeeded) {
      for (const std::string& name : texts()) edits.push_back({kind, glob, name, ""});
    } else {
      edits.push_back({kind, glob, kind != Kind::kSetSoname && chance() ? "" : text(), ""});
    }
  }

  std::mt19937 random_;
};

/// What a reader of TOML shall find in the table: written by the option's meaning, not by
/// recipe_text.
json expected_table(const PatchRequest& request) {
  json table = json::object();
  const auto list = [&](const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) table[key] = texts;
  };
  const auto string = [&](const char* key, const std::optional<std::string>& text) {
    if (text) table[key] = *text;
  };
  list("drop-requires", request.metadata.drop_requires);
  list("add-requires", request.metadata.add_requires);
  list("set-requires", request.metadata.set_requires);
  string("requires-python", request.metadata.requires_python);
  string("suffix", request.suffix);
  string("version", request.version);
  string("build", request.tags.build);
  string("python-tag", request.tags.python_tag);
  string("abi-tag", request.tags.abi_tag);
  string("platform-tag", request.tags.platform_tag);
  for (const auto& source : request.diffs.sources) {
    table[source.is_folder ? "patch-dir" : "patch"].push_back(source.path);
  }
  if (request.diffs.strip_count != 1) table["strip-count"] = request.diffs.strip_count;
  if (request.diffs.patch_prog != "patch") table["patch-prog"] = request.diffs.patch_prog;
  for (const auto& addition : request.additions) table["add"][addition.path] = addition.file;
  list("remove", request.removals);
  for (const auto& change : request.modes) {
    table["chmod"][change.glob] = spokeshave::mode_text(change.mode);
  }
  if (request.remove_preload) table["remove-preload"] = true;
  for (const LibraryEdit& edit : request.library_edits) {
    json& of_key = table[std::string(option_of(edit.kind)).substr(2)];
    switch (edit.kind) {
      case Kind::kRemoveRpath:
        of_key.push_back(edit.glob);
        break;
      case Kind::kReplaceNeeded:
        of_key[edit.glob][edit.old_name] = edit.value;
        break;
      case Kind::kAddNeeded:
      case Kind::kRemoveNeeded:
        of_key[edit.glob].push_back(edit.value);
        break;
      default:
        of_key[edit.glob] = edit.value;
    }
  }
  return table;
}

TEST(RecipeText, SaysRandomRequestsSoThatTomllibAndWeReadTheSame) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  Requests requests(seed);
  json cases = json::array();
  for (int i = 0; i < 500; ++i) {
    const PatchRequest request = requests.next();
    const std::string key = i % 2 == 0 ? "torch" : "torch==2.1.0";
    const std::string text = recipe_text(key, request);
    EXPECT_EQ(parse_recipe(text, "").tables.at(0).request, request) << text;
    cases.push_back({{"text", text}, {"expected", {{key, expected_table(request)}}}});
  }
  const support::TempDir folder;
  std::ofstream(folder / "cases.json") << cases.dump();
  const auto python = support::run_program(
      {"python3", "-c",
       "import json, sys, tomllib\n"
       "for case in json.load(open(sys.argv[1])):\n"
       "  read = tomllib.loads(case['text'])\n"
       "  assert read == case['expected'], (case['text'], read, case['expected'])\n"
       "print('the same')\n",
       (folder / "cases.json").string()});
  EXPECT_EQ(python.out, "the same\n") << python.err;
}

}  // namespace
