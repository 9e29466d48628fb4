#include "src/patch_output.h"

#include <gtest/gtest.h>

namespace spokeshave {
namespace {

// Judged by GNU patch itself in diff_apply_test.cpp; here are the forms of its messages.
TEST(ReadPatchOutput, EachFormOfAMessage) {
  std::vector<PatchedFile> files(4);
  read_patch_output(
      "patching file 0\n"
      "Hunk #1 succeeded at 3 (offset -1 lines).\n"
      "Hunk #2 succeeded at 47 with fuzz 2.\n"
      "Hunk #3 succeeded at 50 with fuzz 1 (offset 1 line).\n"
      "patching file 1\n"
      "Hunk #1 FAILED at 10.\n"
      "Hunk #2 FAILED at 20 (different line endings).\n"
      "2 out of 2 hunks FAILED\n"
      "patching file 2\n"
      "Reversed (or previously applied) patch detected!  Skipping patch.\n"
      "1 out of 1 hunk ignored\n"
      "patching file 3\n",
      files);
  ASSERT_EQ(files[0].hunks.size(), 3u);
  EXPECT_EQ(files[0].hunks[0].lines, -1);
  EXPECT_EQ(files[0].hunks[0].fuzz, 0u);
  EXPECT_EQ(files[0].hunks[1].lines, 0);
  EXPECT_EQ(files[0].hunks[1].fuzz, 2u);
  EXPECT_EQ(files[0].hunks[2].hunk, 3u);
  EXPECT_EQ(files[0].hunks[2].lines, 1);
  EXPECT_EQ(files[0].hunks[2].fuzz, 1u);
  ASSERT_EQ(files[1].hunks.size(), 2u);
  EXPECT_EQ(files[1].hunks[1].hunk, 2u);
  EXPECT_EQ(files[1].hunks[1].kind, HunkResult::Kind::kFailed);
  EXPECT_TRUE(files[2].was_applied_before);
  EXPECT_TRUE(files[2].was_skipped);
  EXPECT_TRUE(files[3].hunks.empty());
  EXPECT_FALSE(files[3].was_skipped);
}

TEST(ReadPatchOutput, WhatItDoesNotKnowAndFilesThatAreNoneArePassedOver) {
  std::vector<PatchedFile> files(1);
  read_patch_output(
      "Hunk #1 FAILED at 1.\npatching file 7\nHunk #1 FAILED at 1.\npatching file x\n"
      "Hunk #1 FAILED at 1.\npatching file 0\nHunk #x\nHunk #1 succeeded at x\nhello",
      files);
  EXPECT_TRUE(files[0].hunks.empty());
}

}  // namespace
}  // namespace spokeshave
