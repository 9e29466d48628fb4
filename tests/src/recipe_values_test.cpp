#include "src/recipe_values.h"

#include <gtest/gtest.h>

#include <string>

#include "src/failure.h"
#include "src/recipe.h"

namespace {

std::string refusal(const std::string& text) {
  try {
    spokeshave::parse_recipe(text, "r.toml");
  } catch (const spokeshave::Failure& failure) {
    EXPECT_EQ(failure.code(), spokeshave::ExitCode::kUsage);
    return failure.cause() + " | " + failure.hint();
  }
  return "accepted";
}

TEST(RecipeValue, OfAnotherTypeIsToldWithItsLineAndWhatWasExpected) {
  EXPECT_EQ(refusal("[torch]\nsuffix = 1.2\n"),
            "line 2: `suffix` takes a string in quotes, and a date or a fraction "
            "stands here | write it as in suffix = \"stripe.1\"");
  EXPECT_EQ(refusal("[torch]\nversion = [\"1\"]\n"),
            "line 2: `version` takes a string in quotes, and an array stands here | "
            "write it as in version = \"2.1.0+stripe.1\"");
  EXPECT_EQ(refusal("[torch]\ndrop-requires = { triton = 1 }\n"),
            "line 2: `drop-requires` takes a string in quotes or an array of such, and a table "
            "stands here | write it as in drop-requires = [\"triton\"]");
  EXPECT_EQ(refusal("[torch]\nremove = [\n  \"a\",\n  [\"b\"],\n]\n"),
            "line 4: `remove` takes a string in quotes, and an array stands here | "
            "write it as in remove = [\"torch/test/*\"]");
  EXPECT_EQ(refusal("[torch]\nstrip-count = \"1\"\n"),
            "line 2: `strip-count` takes an integer, and a string stands here | "
            "write it as in strip-count = 1");
  EXPECT_EQ(refusal("[torch]\nadd = [\"a=b\"]\n"),
            "line 2: `add` takes a table, and an array stands here | "
            "write it as in add = { \"torch/NOTE\" = \"NOTE\" }");
  EXPECT_EQ(refusal("[torch]\nreplace-needed = { \"*\" = \"a=b\" }\n"),
            "line 2: `replace-needed` takes a table, and a string stands here | write it as in "
            "replace-needed = { \"*.so\" = { \"libold.so\" = \"libnew.so\" } }");
}

TEST(RecipeValue, IsNotEmptyAndHoldsNoNul) {
  EXPECT_EQ(refusal("[torch]\nremove = [\"\"]\n"),
            "line 2: a string of `remove` is empty | leave out what is not wanted");
  EXPECT_EQ(refusal("[torch]\nadd = { \"\" = \"x\" }\n"),
            "line 2: a string of `add` is empty | leave out what is not wanted");
  EXPECT_EQ(refusal("[torch]\nadd = { \"a\\u0000b\" = \"x\" }\n"),
            "line 2: a string of `add` holds a NUL | no name, path or requirement has one");
  EXPECT_EQ(refusal("[torch]\nset-soname = { \"a\" = \"\\u0000\" }\n"),
            "line 2: a string of `set-soname` holds a NUL | no name, path or requirement has one");
}

}  // namespace
