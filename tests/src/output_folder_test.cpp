#include "src/output_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "src/failure.h"
#include "tests/support/temp_dir.h"

namespace spokeshave {
namespace {

namespace fs = std::filesystem;

TEST(OutputFolder, IsMadeWithAllAboveIt) {
  const support::TempDir dir;
  OutputFolder folder((dir / "a/b/c").string());
  EXPECT_TRUE(fs::is_directory(dir / "a/b/c"));
}

TEST(OutputFolder, ARunThatFailsTakesAwayWhatItMadeAndNoMore) {
  const support::TempDir dir;
  fs::create_directory(dir / "a");
  { const OutputFolder folder((dir / "a/b/c").string()); }
  EXPECT_TRUE(fs::is_directory(dir / "a"));
  EXPECT_FALSE(fs::exists(dir / "a/b"));
}

TEST(OutputFolder, ASlashAtTheEndChangesNothing) {
  const support::TempDir dir;
  {
    const OutputFolder folder((dir / "a/b/").string());
    EXPECT_TRUE(fs::is_directory(dir / "a/b"));
  }
  EXPECT_FALSE(fs::exists(dir / "a"));
}

TEST(OutputFolder, StaysAfterSuccess) {
  const support::TempDir dir;
  {
    OutputFolder folder((dir / "a/b").string());
    folder.keep();
  }
  EXPECT_TRUE(fs::is_directory(dir / "a/b"));
}

TEST(OutputFolder, OneThatHoldsSomethingStays) {
  const support::TempDir dir;
  {
    const OutputFolder folder((dir / "a/b").string());
    std::ofstream(dir / "a/b/somebody.else") << "x";
  }
  EXPECT_TRUE(fs::exists(dir / "a/b/somebody.else"));
}

TEST(OutputFolder, OneThatWasThereStays) {
  const support::TempDir dir;
  { const OutputFolder folder(dir.path().string()); }
  EXPECT_TRUE(fs::is_directory(dir.path()));
}

void expect_refused(const fs::path& path) {
  try {
    const OutputFolder folder(path.string());
    ADD_FAILURE() << "was made";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kFailed);
    EXPECT_NE(std::string(failure.what()).find(path.string()), std::string::npos);
    EXPECT_NE(failure.hint().find("--out"), std::string::npos);
  }
}

TEST(OutputFolder, AFileInItsPlaceIsRefused) {
  const support::TempDir dir;
  std::ofstream(dir / "file") << "x";
  expect_refused(dir / "file");
  expect_refused(dir / "file/below");
  EXPECT_TRUE(fs::is_regular_file(dir / "file"));
}

TEST(OutputFolder, WhatWasMadeBeforeAFailureGoesToo) {
  const support::TempDir dir;
  expect_refused(dir / "a" / std::string(300, 'x'));  // longer than a name may be
  EXPECT_FALSE(fs::exists(dir / "a"));
}

}  // namespace
}  // namespace spokeshave
