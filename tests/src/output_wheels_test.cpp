#include "src/output_wheels.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "src/failure.h"
#include "tests/support/temp_dir.h"

namespace spokeshave {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<OutputFile> two_outputs(const fs::path& folder) {
  std::vector<OutputFile> outputs;
  outputs.emplace_back(folder);
  outputs.emplace_back(folder);
  return outputs;
}

TEST(Publish, PutsBackWhatWasReplacedWhereALaterOneGetsNoName) {
  const support::TempDir folder;
  std::ofstream(folder.path() / "a.whl") << "old";
  auto outputs = two_outputs(folder.path());
  EXPECT_THROW(publish(outputs, {folder.path() / "a.whl", folder.path() / "none" / "b.whl"}, true),
               std::system_error);
  EXPECT_EQ(content(folder.path() / "a.whl"), "old");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"a.whl"});
}

TEST(Publish, TakesAwayWhatWasNewWhereALaterOneGetsNoName) {
  const support::TempDir folder;
  auto outputs = two_outputs(folder.path());
  EXPECT_THROW(publish(outputs, {folder.path() / "a.whl", folder.path() / "none" / "b.whl"}, false),
               std::system_error);
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(Publish, ReplacesWithForceAndLeavesNothingElse) {
  const support::TempDir folder;
  std::ofstream(folder.path() / "a.whl") << "old";
  auto outputs = two_outputs(folder.path());
  publish(outputs, {folder.path() / "a.whl", folder.path() / "b.whl"}, true);
  EXPECT_EQ(content(folder.path() / "a.whl"), "");
  EXPECT_EQ(names_in(folder.path()), (std::vector<std::string>{"a.whl", "b.whl"}));
}

TEST(FreePaths, AFolderInTheWayIsRefusedAlsoWithForce) {
  const support::TempDir folder;
  fs::create_directory(folder.path() / "a.whl");
  EXPECT_THROW(free_paths(folder.path(), {"a.whl"}, true), Failure);
}

TEST(NewVersion, IsTheWholeOneOrTheOldOneWithASuffixOrTheOldOne) {
  EXPECT_EQ(new_version("1.0", "2.0-RC1", std::nullopt), "2.0rc1");
  EXPECT_EQ(new_version("1.0+a", std::nullopt, "b.1"), "1.0+a.b.1");
  EXPECT_EQ(new_version("1.0", std::nullopt, std::nullopt), "1.0");
}

TEST(NewVersion, WhatIsNoneIsToldWithAHintThatFits) {
  const auto hint = [](const auto& whole, const auto& suffix) {
    try {
      new_version("1.0", whole, suffix);
    } catch (const Failure& failure) {
      return failure.hint();
    }
    return std::string();
  };
  using Text = std::optional<std::string>;
  EXPECT_NE(hint(Text("banana"), Text()).find("PEP 440"), std::string::npos);
  EXPECT_NE(hint(Text(), Text("!")).find("local version"), std::string::npos);
}

}  // namespace
}  // namespace spokeshave
