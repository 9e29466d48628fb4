#include "src/recipe_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "src/failure.h"
#include "src/recipe.h"

namespace {

using spokeshave::DiffSource;
using spokeshave::LibraryEdit;
using spokeshave::PatchRequest;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = LibraryEdit::Kind;

/// What the table [torch] with these lines asks for.
PatchRequest request(const std::string& lines, const std::string& path = "r.toml") {
  return spokeshave::parse_recipe("[torch]\n" + lines, path).tables.at(0).request;
}

std::string refusal(const std::string& lines) {
  try {
    request(lines);
  } catch (const spokeshave::Failure& failure) {
    EXPECT_EQ(failure.code(), spokeshave::ExitCode::kUsage);
    return failure.cause() + " | " + failure.hint();
  }
  return "accepted";
}

TEST(ReadRequest, ReadsEveryKey) {
  PatchRequest expected;
  expected.suffix = "stripe.1";
  expected.metadata = {.drop_requires = {"triton"},
                       .add_requires = {"numpy>=1.2", "six"},
                       .set_requires = {"sympy==1.12"},
                       .requires_python = ">=3.8"};
  expected.tags = {.build = "1", .python_tag = "py3", .abi_tag = "none", .platform_tag = "any"};
  expected.diffs = {
      .sources = {{"a.patch", false}, {"d", true}}, .strip_count = 0, .patch_prog = "gpatch"};
  expected.additions = {{"torch/NOTE", "NOTE"}};
  expected.removals = {"torch/test/*"};
  expected.modes = {{"torch/bin/*", 0755}};
  expected.remove_preload = true;
  expected.library_edits = {
      {Kind::kSetRunpath, "a", "$ORIGIN", ""},   {Kind::kSetRpath, "b", "", ""},
      {Kind::kRemoveRpath, "c", "", ""},         {Kind::kSetSoname, "d", "libd.so.1", ""},
      {Kind::kReplaceNeeded, "e", "new", "old"}, {Kind::kReplaceNeeded, "e", "new2", "old2"},
      {Kind::kAddNeeded, "f", "x", ""},          {Kind::kAddNeeded, "f", "y", ""},
      {Kind::kRemoveNeeded, "g", "z", ""}};
  EXPECT_EQ(request("drop-requires = \"triton\"  # a cycle\n"
                    "add-requires = [\"numpy>=1.2\", \"six\"]\n"
                    "set-requires = [\"sympy==1.12\"]\n"
                    "requires-python = \">=3.8\"\n"
                    "suffix = \"stripe.1\"\n"
                    "build = \"1\"\npython-tag = \"py3\"\nabi-tag = \"none\"\n"
                    "platform-tag = \"any\"\n"
                    "patch = \"a.patch\"\npatch-dir = [\"d\"]\nstrip-count = 0\n"
                    "patch-prog = \"gpatch\"\n"
                    "add = { \"torch/NOTE\" = \"NOTE\" }\nremove = \"torch/test/*\"\n"
                    "chmod = { \"torch/bin/*\" = \"755\" }\n"
                    "remove-preload = true\n"
                    "remove-needed = { g = \"z\" }\nadd-needed = { f = [\"x\", \"y\"] }\n"
                    "set-runpath = { a = \"$ORIGIN\" }\nset-rpath = { b = \"\" }\n"
                    "remove-rpath = [\"c\"]\nset-soname = { d = \"libd.so.1\" }\n"
                    "replace-needed = { e = { old = \"new\", old2 = \"new2\" } }\n"),
            expected);
  EXPECT_EQ(request("version = \"2.0\"\n").version, "2.0");
  EXPECT_EQ(request("build = \"\"\n").tags.build, "");
  EXPECT_FALSE(request("suffix = \"a\"\nremove-preload = false\n").remove_preload);
}

TEST(ReadRequest, AppliesDiffsInTheOrderOfTheKeys) {
  EXPECT_THAT(request("patch-dir = [\"z\", \"a\"]\npatch = \"p\"\n").diffs.sources,
              ElementsAre(DiffSource{"z", true}, DiffSource{"a", true}, DiffSource{"p", false}));
  EXPECT_THAT(request("patch = \"p\"\npatch-dir = \"a\"\n").diffs.sources,
              ElementsAre(DiffSource{"p", false}, DiffSource{"a", true}));
}

TEST(ReadRequest, KeepsTheOrderOfWhatStandsInATable) {
  EXPECT_THAT(request("set-runpath = { z = \"1\", a = \"2\" }\n").library_edits,
              ElementsAre(LibraryEdit{Kind::kSetRunpath, "z", "1", ""},
                          LibraryEdit{Kind::kSetRunpath, "a", "2", ""}));
  EXPECT_EQ(request("[torch.chmod]\nz = \"644\"\na = \"755\"\n").modes,
            request("chmod = { z = \"644\", a = \"755\" }\n").modes);
}

TEST(ReadRequest, TakesPathsRelativeToTheRecipesFolder) {
  const PatchRequest read = request(
      "patch = [\"a.patch\", \"/abs/b.patch\"]\npatch-dir = \"../d\"\n"
      "add = { \"x\" = \"f\" }\n",
      "team/recipes/torch.toml");
  EXPECT_THAT(read.diffs.sources, ElementsAre(DiffSource{"team/recipes/a.patch", false},
                                              DiffSource{"/abs/b.patch", false},
                                              DiffSource{"team/recipes/../d", true}));
  EXPECT_EQ(read.additions.at(0).path, "x");
  EXPECT_EQ(read.additions.at(0).file, "team/recipes/f");
}

TEST(ReadRequest, NamesTheNearestKeyAndTheLineOfOneThatIsNone) {
  EXPECT_EQ(refusal("suffix = \"a\"\ndrop-require = [\"triton\"]\n"),
            "line 3: `drop-require` is no key of a recipe | did you mean `drop-requires`?");
  EXPECT_EQ(refusal("dry-run = true\n"),
            "line 2: `dry-run` is no key of a recipe | keys are options of `spokeshave patch` "
            "without `--`");
  EXPECT_EQ(refusal("[zope.interface]\nsuffix = \"a\"\n"),
            "line 2: `interface` is no key of a recipe | a wheel's name that has a dot stands in "
            "quotes: [\"zope.interface\"]");
}

TEST(ReadRequest, TellsTheLineAndColumnOfARequirementThatIsNone) {
  EXPECT_EQ(refusal("add-requires = [\n  \"six\",\n  \"numpy => 1\",\n]\n"),
            "line 4: add-requires `numpy => 1`: column 7: `=>` is no operator; is `>=` meant? | a "
            "requirement is written as in \"numpy>=1.2; extra == 'test'\"");
  EXPECT_THAT(refusal("requires-python = \"3.8\"\n"),
              HasSubstr("line 2: requires-python `3.8`: column 1: expected one of"));
  EXPECT_THAT(refusal("drop-requires = \"triton==2\"\n"), HasSubstr("line 2: drop-requires"));
  EXPECT_THAT(refusal("drop-requires = \"a\"\nset-requires = \"A==2\"\n"),
              HasSubstr("line 1: cannot drop the requirement `A` and set it too"));
}

TEST(ReadRequest, RefusesVersionsTagsCountsAndModesThatAreNone) {
  EXPECT_THAT(refusal("suffix = \"a b\"\n"), HasSubstr("line 2: suffix `a b`: "));
  EXPECT_THAT(refusal("version = \"x\"\n"), HasSubstr("line 2: version `x`: "));
  EXPECT_THAT(refusal("suffix = \"a\"\nversion = \"1\"\n"), HasSubstr("exclude each other"));
  EXPECT_THAT(refusal("platform-tag = \"win32\"\n"), HasSubstr("line 2: platform-tag `win32`: "));
  EXPECT_THAT(refusal("build = \"a\"\n"), HasSubstr("line 2: build `a`: "));
  EXPECT_THAT(refusal("strip-count = -1\n"), HasSubstr("`strip-count` is -1, not from 0 to 100"));
  EXPECT_THAT(refusal("strip-count = 4294967297\n"), HasSubstr("not from 0 to 100"));
  EXPECT_EQ(refusal("chmod = { a = 755 }\n"),
            "line 2: the mode of `a` is the number 755, which may be meant as octal or not | put "
            "the mode in quotes: \"755\"");
  EXPECT_EQ(refusal("remove-preload = 1\n"),
            "line 2: `remove-preload` takes true or false, and an integer stands here | write it "
            "as in remove-preload = true");
  EXPECT_THAT(refusal("chmod = { a = \"4755\" }\n"), HasSubstr("line 2: `4755` is no mode"));
}

}  // namespace
