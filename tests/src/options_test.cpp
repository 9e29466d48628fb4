#include "src/options.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace spokeshave {
namespace {

using Arguments = std::vector<std::string>;

SplitOptions split(Arguments arguments) {
  arguments.insert(arguments.begin(), "split");
  return std::get<SplitOptions>(parse_options(arguments));
}

InspectOptions inspect(Arguments arguments) {
  arguments.insert(arguments.begin(), "inspect");
  return std::get<InspectOptions>(parse_options(arguments));
}

VerifyOptions verify(Arguments arguments) {
  arguments.insert(arguments.begin(), "verify");
  return std::get<VerifyOptions>(parse_options(arguments));
}

std::string message(const Arguments& arguments) {
  return std::get<Message>(parse_options(arguments)).text;
}

/// What the user is told, in its three lines; the code must be that of wrong usage.
std::string told(const Arguments& arguments) {
  try {
    parse_options(arguments);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
    return to_text(failure);
  }
  ADD_FAILURE() << "was understood";
  return "";
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(SplitOptions, WhatIsNotGivenHasItsDefault) {
  const SplitOptions options = split({"a.whl", "--move", "libx.so"});
  EXPECT_EQ(options.wheel, "a.whl");
  EXPECT_EQ(options.limit.installed, std::nullopt);
  EXPECT_EQ(options.limit.packed, std::nullopt);
  EXPECT_EQ(options.move, Arguments{"libx.so"});
  EXPECT_TRUE(options.keep.empty());
  EXPECT_EQ(options.companion, std::nullopt);
  EXPECT_EQ(options.runpath, std::nullopt);
  EXPECT_EQ(options.package, std::nullopt);
  EXPECT_FALSE(options.dry_run);
  EXPECT_EQ(options.out_dir, ".");
  EXPECT_EQ(options.suffix, "split.1");
  EXPECT_EQ(options.version, std::nullopt);
  EXPECT_FALSE(options.force);
  EXPECT_FALSE(options.talk.json);
  EXPECT_FALSE(options.talk.quiet);
  EXPECT_EQ(options.talk.color, Color::kAuto);
  EXPECT_GE(options.talk.jobs, 1u);
}

TEST(SplitOptions, EveryOptionArrives) {
  const SplitOptions options = split({"--max-installed-size",
                                      "3GB",
                                      "--max-wheel-size=1GiB",
                                      "--move",
                                      "a*",
                                      "--keep",
                                      "b*",
                                      "--companion",
                                      "cudatorch",
                                      "--runpath",
                                      "$ORIGIN/../x",
                                      "--package",
                                      "torch.lib",
                                      "--dry-run",
                                      "--out",
                                      "dist",
                                      "--suffix",
                                      "abc",
                                      "--force",
                                      "--json",
                                      "--quiet",
                                      "--color",
                                      "never",
                                      "--jobs",
                                      "7",
                                      "a.whl"});
  EXPECT_EQ(options.wheel, "a.whl");
  EXPECT_EQ(options.limit.installed, 3'000'000'000u);
  EXPECT_EQ(options.limit.packed, 1'073'741'824u);
  EXPECT_EQ(options.move, Arguments{"a*"});
  EXPECT_EQ(options.keep, Arguments{"b*"});
  EXPECT_EQ(options.companion, "cudatorch");
  EXPECT_EQ(options.runpath, "$ORIGIN/../x");
  EXPECT_EQ(options.package, "torch.lib");
  EXPECT_TRUE(options.dry_run);
  EXPECT_EQ(options.out_dir, "dist");
  EXPECT_EQ(options.suffix, "abc");
  EXPECT_TRUE(options.force);
  EXPECT_TRUE(options.talk.json);
  EXPECT_TRUE(options.talk.quiet);
  EXPECT_EQ(options.talk.color, Color::kNever);
  EXPECT_EQ(options.talk.jobs, 7u);
}

TEST(SplitOptions, VersionReplacesTheWholeVersion) {
  EXPECT_EQ(split({"a.whl", "--move", "x", "--version", "9.0"}).version, "9.0");
}

TEST(SplitOptions, ShortNamesDoTheSame) {
  const SplitOptions options = split({"a.whl", "--move", "x", "-n", "-q", "-j3"});
  EXPECT_TRUE(options.dry_run);
  EXPECT_TRUE(options.talk.quiet);
  EXPECT_EQ(options.talk.jobs, 3u);
}

TEST(SplitOptions, AGlobOptionTakesOneValueAndMayBeGivenAgain) {
  const SplitOptions options =
      split({"--move", "a*", "a.whl", "--move=b*", "--keep", "c", "--keep", "d"});
  EXPECT_EQ(options.wheel, "a.whl");
  EXPECT_EQ(options.move, (Arguments{"a*", "b*"}));
  EXPECT_EQ(options.keep, (Arguments{"c", "d"}));
}

TEST(SplitOptions, ALimitOfEitherKindIsEnough) {
  EXPECT_EQ(split({"a.whl", "--max-installed-size", "1MB"}).limit.installed, 1'000'000u);
  EXPECT_EQ(split({"a.whl", "--max-wheel-size", "1MB"}).limit.packed, 1'000'000u);
}

TEST(InspectOptions, WhatIsNotGivenHasItsDefault) {
  const InspectOptions options = inspect({"a.whl", "b.whl"});
  EXPECT_EQ(options.wheels, (Arguments{"a.whl", "b.whl"}));
  EXPECT_EQ(options.graph, std::nullopt);
  EXPECT_EQ(options.output, "");
}

TEST(InspectOptions, EveryOptionArrives) {
  const InspectOptions options =
      inspect({"--graph=json", "--layout", "separate", "--symbols", "-o", "g.dot", "--json", "-q",
               "--color=always", "-j", "2", "a.whl"});
  EXPECT_EQ(options.wheels, Arguments{"a.whl"});
  EXPECT_EQ(options.graph, GraphFormat::kJson);
  EXPECT_EQ(options.layout, Layout::kSeparate);
  EXPECT_TRUE(options.symbols);
  EXPECT_FALSE(options.symbols_of);
  EXPECT_EQ(options.output, "g.dot");
  EXPECT_TRUE(options.talk.json);
  EXPECT_TRUE(options.talk.quiet);
  EXPECT_EQ(options.talk.color, Color::kAlways);
  EXPECT_EQ(options.talk.jobs, 2u);
  EXPECT_EQ(inspect({"a.whl", "--output", "g"}).output, "g");
}

TEST(InspectOptions, GraphAloneIsATreeAndDoesNotSwallowTheWheel) {
  const InspectOptions options = inspect({"--graph", "a.whl"});
  EXPECT_EQ(options.graph, GraphFormat::kTree);
  EXPECT_EQ(options.wheels, Arguments{"a.whl"});
  EXPECT_EQ(inspect({"--graph=tree", "a.whl"}).graph, GraphFormat::kTree);
  EXPECT_EQ(inspect({"--graph=json", "a.whl"}).graph, GraphFormat::kJson);
}

TEST(InspectOptions, EveryGraphHasItsName) {
  const std::map<std::string, GraphFormat> formats = {{"tree", GraphFormat::kTree},
                                                      {"html", GraphFormat::kHtml},
                                                      {"svg", GraphFormat::kSvg},
                                                      {"dot", GraphFormat::kDot},
                                                      {"json", GraphFormat::kJson}};
  for (const auto& [name, format] : formats) {
    EXPECT_EQ(inspect({"--graph=" + name, "a.whl"}).graph, format) << name;
  }
}

TEST(InspectOptions, SymbolsOfOneEdgeAreTwoGlobs) {
  const InspectOptions options = inspect({"--symbols=_C*:libx.so", "a.whl"});
  EXPECT_TRUE(options.symbols);
  ASSERT_TRUE(options.symbols_of);
  EXPECT_EQ(options.symbols_of->from, "_C*");
  EXPECT_EQ(options.symbols_of->to, "libx.so");
  EXPECT_FALSE(inspect({"a.whl"}).symbols);
}

TEST(Options, HelpNamesEveryOption) {
  EXPECT_TRUE(says(message({"--help"}), "split"));
  EXPECT_TRUE(says(message({"--help"}), "inspect"));
  const std::string help = message({"split", "--help"});
  for (const char* option :
       {"--max-installed-size", "--max-wheel-size", "--move", "--keep", "--companion", "--runpath",
        "--package", "--dry-run", "--out", "--suffix", "--version", "--force", "--json", "--quiet",
        "--color", "--jobs"}) {
    EXPECT_TRUE(says(help, option)) << option;
  }
  for (const char* option : {"--graph", "--output", "--json", "--quiet", "--color", "--jobs"}) {
    EXPECT_TRUE(says(message({"inspect", "-h"}), option)) << option;
  }
}

TEST(Options, HelpFits80Columns) {
  for (const Arguments& arguments :
       {Arguments{"--help"}, Arguments{"split", "--help"}, Arguments{"inspect", "--help"},
        Arguments{"patch", "--help"}, Arguments{"preload", "--help"},
        Arguments{"verify", "--help"}}) {
    std::string line;
    for (const char letter : message(arguments)) {
      line = letter == '\n' ? "" : line + letter;
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
}

TEST(Options, VersionNamesTheProgramAndItsVersion) {
  const std::string version = message({"--version"});
  EXPECT_EQ(version.find("spokeshave "), 0u);
  EXPECT_EQ(version.find('\n'), version.size() - 1);
}

TEST(VerifyOptions, WhatIsNotGivenHasItsDefault) {
  const VerifyOptions options = verify({"a.whl", "b.whl"});
  EXPECT_EQ(options.wheels, (Arguments{"a.whl", "b.whl"}));
  EXPECT_FALSE(options.index_rules);
  EXPECT_FALSE(options.deep);
  EXPECT_EQ(options.layout, Layout::kSitePackages);
  EXPECT_EQ(options.against, std::nullopt);
}
TEST(VerifyOptions, EveryOptionArrives) {
  const VerifyOptions options = verify({"--index-rules", "--layout", "separate", "--against",
                                        "old.whl", "--deep", "--json", "-q", "-j", "2", "a.whl"});
  EXPECT_EQ(options.wheels, Arguments{"a.whl"});
  EXPECT_TRUE(options.index_rules);
  EXPECT_TRUE(options.deep);
  EXPECT_EQ(options.layout, Layout::kSeparate);
  EXPECT_EQ(options.against, "old.whl");
  EXPECT_TRUE(options.talk.json);
  EXPECT_TRUE(options.talk.quiet);
  EXPECT_EQ(options.talk.jobs, 2u);
}
TEST(VerifyOptions, AreUnderstoodOrRefused) {
  EXPECT_NE(told({"verify"}).find("WHEEL"), std::string::npos);
  EXPECT_NE(told({"verify", "--deep", "a.whl"}).find("--against"), std::string::npos);
  EXPECT_NE(told({"verify", "--against=", "a.whl"}).find("--against"), std::string::npos);
  EXPECT_NE(told({"verify", "--layout", "apart", "a.whl"}).find("separate"), std::string::npos);
}

TEST(Usage, ACommandThatIsNotKnownGetsTheNearest) {
  const std::string text = told({"splt", "a.whl"});
  EXPECT_TRUE(says(text, "`splt`")) << text;
  EXPECT_TRUE(says(text, "hint: did you mean `split`?")) << text;
}

TEST(Usage, AnOptionThatIsNotKnownGetsTheNearest) {
  const std::vector<std::pair<std::string, std::string>> slips = {
      {"--max-instaled-size=3GB", "--max-installed-size"},
      {"--max-whel-size=3GB", "--max-wheel-size"},
      {"--mov", "--move"},
      {"--kep", "--keep"},
      {"--companoin", "--companion"},
      {"--run-path", "--runpath"},
      {"--packge", "--package"},
      {"--dryrun", "--dry-run"},
      {"--sufix", "--suffix"},
      {"--versoin", "--version"},
      {"--forse", "--force"},
      {"--jsn", "--json"},
      {"--quite", "--quiet"},
      {"--colour", "--color"},
      {"--job", "--jobs"}};
  for (const auto& [slip, meant] : slips) {
    const std::string text = told({"split", "a.whl", slip});
    EXPECT_TRUE(says(text, "did you mean `" + meant + "`?")) << text;
    EXPECT_TRUE(says(text, "`" + slip.substr(0, slip.find('=')))) << text;
  }
  EXPECT_TRUE(says(told({"inspect", "--grahp", "a.whl"}), "did you mean `--graph`?"));
  EXPECT_TRUE(says(told({"inspect", "--ouput=x", "a.whl"}), "did you mean `--output`?"));
}

TEST(Usage, TheWordThatIsWrongIsBlamedNotAValueThatLooksLikeAnOption) {
  const std::string text =
      told({"split", "a.whl", "--move", "x", "--companion", "force", "--dryrun"});
  EXPECT_TRUE(says(text, "`--dryrun`")) << text;
  EXPECT_TRUE(says(text, "did you mean `--dry-run`?")) << text;
}

TEST(Usage, AnOptionLikeNoOtherLeadsToTheHelp) {
  const std::string text = told({"split", "a.whl", "--frobnicate"});
  EXPECT_TRUE(says(text, "`--frobnicate`")) << text;
  EXPECT_TRUE(says(text, "hint: see `spokeshave split --help`")) << text;
}

TEST(Usage, WhatIsMissingIsNamed) {
  EXPECT_TRUE(says(told({}), "hint: see `spokeshave --help`")) << told({});
  EXPECT_TRUE(says(told({"split", "--move", "x"}), "WHEEL"));
  EXPECT_TRUE(says(told({"inspect"}), "WHEEL"));
  EXPECT_TRUE(says(told({"split", "a.whl", "--move"}), "--move"));
  EXPECT_TRUE(says(told({"split", "a.whl", "--max-wheel-size"}), "--max-wheel-size"));
}

TEST(Usage, ASplitWithoutAimIsRefused) {
  const std::string text = told({"split", "a.whl", "--keep", "x"});
  EXPECT_TRUE(says(text, "--max-installed-size")) << text;
  EXPECT_TRUE(says(text, "--max-wheel-size")) << text;
  EXPECT_TRUE(says(text, "--move")) << text;
}

TEST(Usage, OneWheelIsSplitAtATime) {
  EXPECT_TRUE(says(told({"split", "a.whl", "b.whl", "--move", "x"}), "b.whl"));
}

TEST(Usage, AValueThatCannotBeIsNamedWithWhatCan) {
  const std::string size = told({"split", "a.whl", "--max-installed-size", "3XB"});
  EXPECT_TRUE(says(size, "--max-installed-size")) << size;
  EXPECT_TRUE(says(size, "`3XB`")) << size;
  EXPECT_TRUE(says(size, "3GiB")) << size;
  const std::string color = told({"split", "a.whl", "--move", "x", "--color", "allways"});
  EXPECT_TRUE(says(color, "allways")) << color;
  EXPECT_TRUE(says(color, "always")) << color;
  const std::string graph = told({"inspect", "a.whl", "--graph=jsn"});
  EXPECT_TRUE(says(graph, "`jsn`")) << graph;
  EXPECT_TRUE(says(graph, "did you mean `json`?")) << graph;
  for (const char* jobs : {"0", "-1", "257", "two", "1.5", ""}) {
    EXPECT_TRUE(says(told({"split", "a.whl", "--move", "x", "--jobs", jobs}), "--jobs")) << jobs;
  }
}

TEST(Usage, AnEmptyValueIsNoSize) {
  EXPECT_TRUE(says(told({"split", "a.whl", "--max-wheel-size="}), "--max-wheel-size"));
}

TEST(Usage, OneOutputHasOneFormat) {
  EXPECT_TRUE(says(told({"inspect", "--json", "--graph=html", "a.whl"}), "--json"));
  EXPECT_TRUE(says(told({"inspect", "--symbols", "--graph=dot", "a.whl"}), "--symbols"));
}

TEST(Usage, AnEdgeIsTwoGlobs) {
  EXPECT_TRUE(says(told({"inspect", "--symbols=libx.so", "a.whl"}), "FROM:TO"));
}

TEST(Usage, SuffixAndVersionExcludeEachOther) {
  const std::string text =
      told({"split", "a.whl", "--move", "x", "--suffix", "a", "--version", "2"});
  EXPECT_TRUE(says(text, "--suffix")) << text;
  EXPECT_TRUE(says(text, "--version")) << text;
}

TEST(Usage, AControlCharacterInAnArgumentDoesNotReachTheTerminal) {
  EXPECT_FALSE(says(told({"split", "a.whl", "--\x1b[2Jx"}), "\x1b"));
}

}  // namespace
}  // namespace spokeshave
