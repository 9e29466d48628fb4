#include "src/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "src/failure.h"
#include "tests/support/temp_dir.h"

namespace {

using spokeshave::ExitCode;
using spokeshave::find;
using spokeshave::parse_recipe;
using spokeshave::read_recipe;
using spokeshave::Recipe;
using testing::HasSubstr;

template <typename Action>
std::string refusal(ExitCode code, Action&& action) {
  try {
    action();
  } catch (const spokeshave::Failure& failure) {
    EXPECT_EQ(failure.code(), code);
    return to_text(failure);
  }
  return "accepted";
}

std::string refused_text(const std::string& text) {
  return refusal(ExitCode::kUsage, [&] { parse_recipe(text, "r.toml"); });
}
std::string refused_file(const std::filesystem::path& path, ExitCode code = ExitCode::kFailed) {
  return refusal(code, [&] { read_recipe(path.string()); });
}

TEST(ParseRecipe, HasATableAWheelInTheOrderOfTheText) {
  const Recipe recipe = parse_recipe(
      "# all our wheels\n[torch]\nsuffix = \"a\"\n[\"Tri.ton==2.0.0.RC1\"]\nsuffix = \"b\"\n",
      "r.toml");
  ASSERT_EQ(recipe.tables.size(), 2U);
  EXPECT_EQ(recipe.tables[0].distribution, "torch");
  EXPECT_EQ(recipe.tables[0].version, std::nullopt);
  EXPECT_EQ(recipe.tables[0].request.suffix, "a");
  EXPECT_EQ(recipe.tables[1].distribution, "tri-ton");
  EXPECT_EQ(recipe.tables[1].version, "2.0.0rc1");
  EXPECT_TRUE(parse_recipe("", "r.toml").tables.empty());
}

TEST(ParseRecipe, RefusesTablesThatNameNoWheelOrOneTwice) {
  EXPECT_EQ(refused_text("\n[\"torch>=2\"]\n"),
            "error: cannot take the recipe `r.toml`\n"
            "  caused by: line 2: `torch>=2` names no wheel\n"
            "hint: a table is called [NAME] or [\"NAME==VERSION\"]\n");
  for (const std::string key :
       {"torch==", "==1", "torch==x", "to rch", "", "-torch", "torch ==1"}) {
    EXPECT_THAT(refused_text("[\"" + key + "\"]\n"), HasSubstr("line 1: ")) << key;
  }
  EXPECT_EQ(refused_text("[Tor-ch]\n[x]\n[tor_ch]\n"),
            "error: cannot take the recipe `r.toml`\n"
            "  caused by: line 3: `tor_ch` is the wheel of `Tor-ch` in line 1\n"
            "hint: put all that is said of a wheel into one table\n");
  EXPECT_THAT(refused_text("[torch]\n[torch]\n"), HasSubstr("caused by: line 2: "));
}

TEST(ParseRecipe, RefusesATableThatSaysNothing) {
  for (const std::string keys :
       {"", "strip-count = 2\n", "[torch.add]\n", "drop-requires = []\n"}) {
    EXPECT_EQ(refused_text("[x]\nsuffix = \"a\"\n[torch]\n" + keys),
              "error: cannot take the recipe `r.toml`\n"
              "  caused by: line 3: the table `torch` does not say what to change\n"
              "hint: name an edit in it, or leave the table out\n")
        << keys;
  }
}

TEST(ParseRecipe, RefusesKeysOutsideATable) {
  EXPECT_EQ(refused_text("suffix = \"a\"\n"),
            "error: cannot take the recipe `r.toml`\n"
            "  caused by: line 1: `suffix` is a string, not the table of a wheel\n"
            "hint: put the name of the wheel above it, as in [torch]\n");
  EXPECT_THAT(refused_text("[[torch]]\n"), HasSubstr("`torch` is an array, not the table"));
}

TEST(ParseRecipe, SaysThatItIsTomlWhereItIsNone) {
  EXPECT_THAT(refused_text("[torch]\nsuffix = a\n"),
              HasSubstr("hint: a recipe is TOML 1.0: a table for each wheel, strings in quotes"));
}

TEST(FindInRecipe, TakesTheTableWithTheVersionBeforeTheOneForAny) {
  const Recipe recipe = parse_recipe(
      "[torch]\nsuffix = \"any\"\n[\"torch==2.1.0\"]\nsuffix = \"one\"\n"
      "[\"triton==2.0\"]\nsuffix = \"t\"\n",
      "r.toml");
  EXPECT_EQ(find(recipe, "Torch", "2.1.0")->suffix, "one");
  EXPECT_EQ(find(recipe, "torch", "v2.01.0")->suffix, "one");
  EXPECT_EQ(find(recipe, "torch", "2.1.0+cu118")->suffix, "any");
  EXPECT_EQ(find(recipe, "torch", "2.1.2")->suffix, "any");
  EXPECT_EQ(find(recipe, "triton", "2.1"), nullptr);
  EXPECT_EQ(find(recipe, "torchvision", "2.1.0"), nullptr);
}

TEST(ReadRecipe, ReadsAFileAndCountsPathsFromItsFolder) {
  const support::TempDir folder;
  std::ofstream(folder / "r.toml") << "[torch]\npatch-dir = \"patches\"\n";
  const Recipe recipe = read_recipe((folder / "r.toml").string());
  EXPECT_EQ(recipe.tables.at(0).request.diffs.sources.at(0).path, (folder / "patches").string());
}

TEST(ReadRecipe, TellsWhatCannotBeRead) {
  const support::TempDir folder;
  EXPECT_THAT(refused_file(folder / "none.toml"), HasSubstr("No such file or directory"));
  EXPECT_THAT(refused_file(folder.path()), HasSubstr("Is a directory"));
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(refused_file(folder / "pipe"), HasSubstr("it is no regular file"));
  std::ofstream(folder / "big") << "#";
  std::filesystem::resize_file(folder / "big", 100'000'000);
  EXPECT_THAT(refused_file(folder / "big"),
              HasSubstr("it has 100000000 bytes, and a recipe has 1 MB at most"));
}

TEST(ReadRecipe, RefusesFilesThatAreNoText) {
  const support::TempDir folder;
  std::ofstream(folder / "zeros") << std::string(1000, '\0');
  std::ofstream(folder / "latin") << "[torch]\nsuffix = \"\xe9\"\n";
  std::ofstream(folder / "deep") << "[" << std::string(1'000'000, '[');
  for (const std::string name : {"zeros", "latin", "deep"}) {
    EXPECT_THAT(refused_file(folder / name, ExitCode::kUsage), HasSubstr("caused by: line "))
        << name;
  }
}

}  // namespace
