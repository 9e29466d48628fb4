#include <gmock/gmock.h>

#include "src/options.h"

namespace spokeshave {
namespace {

using Arguments = std::vector<std::string>;
using testing::HasSubstr;

PreloadOptions preload(Arguments arguments) {
  arguments.insert(arguments.begin(), "preload");
  return std::get<PreloadOptions>(parse_options(arguments));
}

/// What the user is told; the code must be that of wrong usage.
std::string told(Arguments arguments) {
  arguments.insert(arguments.begin(), "preload");
  try {
    parse_options(arguments);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
    return to_text(failure);
  }
  ADD_FAILURE() << "was understood";
  return "";
}

TEST(PreloadOptions, WhatIsNotGivenHasItsDefault) {
  const PreloadOptions options = preload({"a.whl", "b.whl", "c.whl"});
  EXPECT_EQ(options.wheels, (Arguments{"a.whl", "b.whl", "c.whl"}));
  EXPECT_EQ(options.format, std::nullopt);
  EXPECT_EQ(options.package, std::nullopt);
  EXPECT_EQ(options.global, Arguments{});
  EXPECT_EQ(options.output, "");
  EXPECT_FALSE(options.write || options.check_input || options.dry_run || options.force);
  EXPECT_EQ(options.out_dir, std::nullopt);
  EXPECT_EQ(options.suffix, std::nullopt);
  EXPECT_FALSE(options.talk.json);
}

TEST(PreloadOptions, AllThatCanBeGiven) {
  const PreloadOptions options =
      preload({"a.whl", "--package", "a.b", "--global", "liba*", "--global", "libb*", "--write",
               "--check-input", "-n", "--out", "d", "--suffix", "s", "--force"});
  EXPECT_EQ(options.package, "a.b");
  EXPECT_EQ(options.global, (Arguments{"liba*", "libb*"}));
  EXPECT_TRUE(options.write && options.check_input && options.dry_run && options.force);
  EXPECT_EQ(options.out_dir, "d");
  EXPECT_EQ(options.suffix, "s");
  EXPECT_EQ(preload({"a.whl", "-o", "f"}).output, "f");
  EXPECT_EQ(preload({"a.whl", "--write", "--version", "2"}).version, "2");
}

TEST(PreloadOptions, EachFormatHasItsWord) {
  EXPECT_EQ(preload({"a.whl", "--format", "list"}).format, PreloadFormat::kList);
  EXPECT_EQ(preload({"a.whl", "--format", "python"}).format, PreloadFormat::kPython);
  EXPECT_EQ(preload({"a.whl", "--format", "sitecustomize"}).format, PreloadFormat::kSitecustomize);
  EXPECT_EQ(preload({"a.whl", "--format", "bazel"}).format, PreloadFormat::kBazel);
  EXPECT_TRUE(preload({"a.whl", "--format", "json"}).talk.json);
  EXPECT_TRUE(preload({"a.whl", "--format", "json", "--json"}).talk.json);
  EXPECT_THAT(told({"a.whl", "--format", "pyton"}), HasSubstr("did you mean `python`?"));
}

TEST(PreloadOptions, ThereIsOneOutputOfOneFormat) {
  EXPECT_THAT(told({"a.whl", "--json", "--format", "list"}),
              HasSubstr("--json and this --format exclude each other"));
  EXPECT_THAT(told({"a.whl", "--write", "--format", "json"}),
              HasSubstr("--write and --format exclude each other"));
  EXPECT_THAT(told({"a.whl", "--write", "-o", "x"}),
              HasSubstr("--write and --output exclude each other"));
  EXPECT_THAT(told({"a.whl", "--write", "--suffix", "a", "--version", "1"}),
              HasSubstr("--version and --suffix exclude each other"));
}

TEST(PreloadOptions, WhatSaysHowToWriteNeedsWrite) {
  for (const Arguments& option : {Arguments{"--dry-run"},
                                  {"-n"},
                                  {"--check-input"},
                                  {"--out", "d"},
                                  {"--suffix", "a"},
                                  {"--version", "1"},
                                  {"--force"}}) {
    Arguments all = {"a.whl"};
    all.insert(all.end(), option.begin(), option.end());
    EXPECT_THAT(told(all), HasSubstr("needs --write")) << option.front();
  }
}

}  // namespace
}  // namespace spokeshave
