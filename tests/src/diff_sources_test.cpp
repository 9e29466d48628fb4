#include "src/diff_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "src/failure.h"
#include "tests/support/diffed_wheel.h"

namespace spokeshave {
namespace {

namespace fs = std::filesystem;
using support::write_content;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names(const std::vector<DiffSource>& sources) {
  std::vector<std::string> names;
  for (const auto& diff : list_diffs(sources)) names.push_back(diff.name);
  return names;
}

template <typename Work>
std::string error(Work work) {
  try {
    work();
  } catch (const Failure& failure) {
    return to_text(failure);
  }
  return "no failure";
}

TEST(ListDiffs, AFoldersPatchesAndDiffsByNameByteForByte) {
  const support::TempDir dir;
  for (const char* name : {"0002-b.patch", "0010-c.patch", "0001-a.patch", "z.diff", "Z.diff",
                           "\xc3\xa9.patch", "README", "a.patch.orig", ".hidden.patch"}) {
    write_content(dir / name, "");
  }
  EXPECT_THAT(names({{dir.path().string(), true}}),
              ElementsAre("0001-a.patch", "0002-b.patch", "0010-c.patch", "Z.diff", "z.diff",
                          "\xc3\xa9.patch"));
}

TEST(ListDiffs, FilesAndFoldersInTheOrderInWhichTheyAreGiven) {
  const support::TempDir dir;
  write_content(dir / "b" / "1.diff", "");
  write_content(dir / "a" / "2.diff", "");
  EXPECT_THAT(names({{(dir / "x").string(), false},
                     {(dir / "b").string(), true},
                     {(dir / "a").string(), true},
                     {(dir / "b/1.diff").string(), false}}),
              ElementsAre("x", "1.diff", "2.diff", "1.diff"));
}

TEST(ListDiffs, AFolderWithoutDiffsOrNoFolderIsAnError) {
  const support::TempDir dir;
  write_content(dir / "a.txt", "");
  EXPECT_THAT(error([&] {
                list_diffs({{dir.path().string(), true}});
              }),
              HasSubstr("it holds no *.patch and no *.diff"));
  EXPECT_THAT(error([&] {
                list_diffs({{(dir / "none").string(), true}});
              }),
              HasSubstr("No such file or directory\nhint: check the value of --patch-dir"));
  EXPECT_THAT(error([&] {
                list_diffs({{(dir / "a.txt").string(), true}});
              }),
              HasSubstr("hint: use --patch for a file"));
}

TEST(ListDiffs, AFoldersPipesAndBrokenLinksAreErrorsAndItsLinksToFilesAreNot) {
  const support::TempDir dir;
  write_content(dir / "a.txt", "");
  fs::create_symlink("a.txt", dir / "a.patch");
  EXPECT_THAT(names({{dir.path().string(), true}}), ElementsAre("a.patch"));
  fs::create_symlink("none", dir / "b.patch");
  EXPECT_THAT(error([&] {
                list_diffs({{dir.path().string(), true}});
              }),
              HasSubstr("/b.patch`\n  caused by: No such file or directory"));
  fs::remove(dir / "b.patch");
  ASSERT_EQ(mkfifo((dir / "c.diff").c_str(), 0600), 0);
  EXPECT_THAT(error([&] {
                list_diffs({{dir.path().string(), true}});
              }),
              HasSubstr("/c.diff`\n  caused by: it is no regular file"));
}

TEST(ReadDiffFile, GivesItsBytes) {
  const support::TempDir dir;
  const std::string text = std::string(200'000, 'x') + "\r\n\n";
  write_content(dir / "a", text);
  EXPECT_EQ(read_diff_file({(dir / "a").string(), "a"}), text);
}

TEST(ReadDiffFile, WhatCannotBeReadIsAnErrorThatNamesIt) {
  const support::TempDir dir;
  EXPECT_THAT(error([&] {
                read_diff_file({(dir / "none").string(), "none"});
              }),
              HasSubstr("none`\n  caused by: No such file or directory"));
  EXPECT_THAT(error([&] {
                read_diff_file({dir.path().string(), "x"});
              }),
              HasSubstr("caused by: Is a directory\nhint: use --patch-dir for a folder"));
}

TEST(ReadDiffFile, MoreThan64MegabytesAreRefusedAlsoWhereTheyHaveNoEnd) {
  const support::TempDir dir;
  write_content(dir / "a", "");
  fs::resize_file(dir / "a", 64'000'001);
  EXPECT_THAT(error([&] {
                read_diff_file({(dir / "a").string(), "a"});
              }),
              HasSubstr("it has more than 64"));
  EXPECT_THAT(error([&] { read_diff_file({"/dev/zero", "zero"}); }), HasSubstr("more than 64"));
}

}  // namespace
}  // namespace spokeshave
