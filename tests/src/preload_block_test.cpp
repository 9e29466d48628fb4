#include "src/preload_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/failure.h"

namespace spokeshave {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kBlock = "# >>> spokeshave preload >>>\nload()\n# <<< spokeshave preload <<<";
const std::string kOldBlock = "# >>> spokeshave preload >>>\nold(\n# <<< spokeshave preload <<<";

std::string failure_of(const std::string& source) {
  try {
    with_preload_block(source, kBlock);
  } catch (const Failure& failure) {
    return failure.what() + std::string("; ") + failure.cause();
  }
  return "no failure";
}

TEST(PreloadBlock, IsAsciiBetweenItsMarkers) {
  const std::string block = preload_block(
      {{"p\xC3\xA4/\xF0\x9F\x8D\x8B.so", "li\"b\\.so\n", "p\xFF==1", true}}, "p/__init__.py");
  EXPECT_THAT(block, AllOf(StartsWith("# >>> spokeshave preload >>>\n"),
                           EndsWith("\n# <<< spokeshave preload <<<")));
  EXPECT_TRUE(std::all_of(block.begin(), block.end(),
                          [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  EXPECT_THAT(block, HasSubstr("(\"p\\u00e4/\\U0001f34b.so\", \"li\\\"b\\\\.so\\u000a\", "
                               "\"p\\udcff==1\", True, False),\n"));
}

TEST(PreloadBlock, SpellsEncodedSurrogatesAndOverlongFormsByteByByteAsPythonDoes) {
  EXPECT_THAT(preload_block({{"\xED\xA0\x80", "\xC0\xAF", "\xF4\x90\x80\x80"}}, "p.py"),
              HasSubstr("(\"\\udced\\udca0\\udc80\", \"\\udcc0\\udcaf\", "
                        "\"\\udcf4\\udc90\\udc80\\udc80\", False, False),\n"));
}

TEST(PreloadBlock, HasALineForEachLibraryInTheOrderGiven) {
  const std::string block =
      preload_block({{"cudatorch/lib/libb.so", "libb.so", "cudatorch==2.1.2+split.1", true, true},
                     {"torch/lib/liba-1.so", "liba.so", "torch==2.1.2+split.1", false}},
                    "torch/__init__.py");
  EXPECT_THAT(
      block,
      HasSubstr(
          "(\"cudatorch/lib/libb.so\", \"libb.so\", \"cudatorch==2.1.2+split.1\", True, True),\n"
          "        (\"torch/lib/liba-1.so\", \"liba.so\", \"torch==2.1.2+split.1\", False, "
          "False),\n"));
}

TEST(PreloadBlock, KnowsHowDeepItsFileIsInstalled) {
  EXPECT_THAT(preload_block({}, "module.py"), HasSubstr("\n    1,  # folders"));
  EXPECT_THAT(preload_block({}, "torch/__init__.py"), HasSubstr("\n    2,  # folders"));
  EXPECT_THAT(preload_block({}, "a/b/c/__init__.py"), HasSubstr("\n    4,  # folders"));
  EXPECT_THAT(preload_block({}, "a-1.0.data/purelib/a/__init__.py"),
              HasSubstr("\n    2,  # folders"));
  EXPECT_THAT(preload_block({}, "a.data/b/__init__.py"), HasSubstr("\n    3,  # folders"));
}

TEST(WithPreloadBlock, PutsItBehindTheHeadAndKeepsTheRest) {
  EXPECT_EQ(with_preload_block("'doc'\n# c\nimport os\n", kBlock),
            "'doc'\n" + kBlock + "\n# c\nimport os\n");
  EXPECT_EQ(with_preload_block("", kBlock), kBlock + "\n");
  EXPECT_EQ(with_preload_block("\xEF\xBB\xBFx", kBlock), "\xEF\xBB\xBF" + kBlock + "\nx");
}

TEST(WithPreloadBlock, TakesTheModulesLineEnding) {
  EXPECT_EQ(with_preload_block("'doc'\r\nx\r\n", kBlock),
            "'doc'\r\n# >>> spokeshave preload >>>\r\nload()\r\n# <<< spokeshave preload <<<\r\n"
            "x\r\n");
  EXPECT_EQ(with_preload_block("'doc'\rx\r", kBlock),
            "'doc'\r# >>> spokeshave preload >>>\rload()\r# <<< spokeshave preload <<<\rx\r");
}

TEST(WithPreloadBlock, ReplacesAnOldBlock) {
  EXPECT_EQ(with_preload_block("'doc'\n" + kOldBlock + "\nx\n", kBlock),
            "'doc'\n" + kBlock + "\nx\n");
  EXPECT_EQ(with_preload_block("x\n" + kOldBlock + "\ny\n" + kOldBlock + "\n", kBlock),
            kBlock + "\nx\ny\n");
}

TEST(WithPreloadBlock, RefusesWhatItCannotPlaceOrReplace) {
  EXPECT_THAT(failure_of("'''doc"), HasSubstr("line 1: a string that does not end"));
  EXPECT_THAT(failure_of("# >>> spokeshave preload >>>\nx\n"),
              HasSubstr("`# >>> spokeshave preload >>>` has no `# <<< spokeshave preload <<<`"));
  EXPECT_THAT(failure_of("# >>> spokeshave preload >>>\n# <<< spokeshave preload <<< \n"),
              HasSubstr("below it"));
}

TEST(WithoutPreloadBlock, LeavesAModuleWithoutABlockAlone) {
  const std::string quoted = "'''\n" + kOldBlock + "\n'''\n";
  for (const std::string source :
       {"", "x\n", "# <<< spokeshave preload <<<\n", quoted.c_str(),
        "x = 1  # >>> spokeshave preload >>>\n", "  # >>> spokeshave preload >>>\nx\n"})
    EXPECT_EQ(without_preload_block(source), source);
}

// Among them line ends of two kinds that would become one, and last lines that have none.
TEST(WithoutPreloadBlock, GivesBackTheModuleThatTheBlockWasPutInto) {
  for (const std::string source : {"",
                                   "\n",
                                   "x",
                                   "x\n",
                                   "# c",
                                   "# c\n",
                                   "# c\r",
                                   "# c\r\n",
                                   "# c\n  ",
                                   "'doc'",
                                   "'doc'\n",
                                   "'doc'\r\n",
                                   "'doc'\r\nx",
                                   "'doc'\r\r\n\nx\r\r",
                                   "# c\r\r\n'doc'\r\r\n",
                                   "\r\r'doc'\r \nx\r",
                                   "'doc'\n\rx",
                                   "'doc'\\\n",
                                   "\\",
                                   "\xEF\xBB\xBF",
                                   "\xEF\xBB\xBF# c",
                                   "\xEF\xBB\xBF\n"}) {
    const std::string with = with_preload_block(source, kBlock);
    EXPECT_THAT(with, HasSubstr("load()")) << source;
    EXPECT_EQ(without_preload_block(with), source);
    EXPECT_EQ(with_preload_block(with, kBlock), with) << source;
    EXPECT_EQ(with_preload_block(with_preload_block(source, kOldBlock), kBlock), with) << source;
  }
}

TEST(WithoutPreloadBlock, KeepsAMissingLastLineEndMissing) {
  EXPECT_EQ(with_preload_block("'doc'", kBlock), "'doc'\n" + kBlock);
  EXPECT_EQ(without_preload_block("'doc'\n" + kBlock), "'doc'");
  EXPECT_EQ(without_preload_block("'doc'\n" + kBlock + "\n"), "'doc'\n");
}

}  // namespace
}  // namespace spokeshave
