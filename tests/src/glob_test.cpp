#include "src/glob.h"

#include <gtest/gtest.h>

namespace spokeshave {
namespace {

TEST(GlobMatches, WithoutASlashTheFileNameIsCompared) {
  EXPECT_TRUE(glob_matches("libtorch_cuda*", "torch/lib/libtorch_cuda_linalg.so"));
  EXPECT_TRUE(glob_matches("libc10.so", "torch/lib/libc10.so"));
  EXPECT_FALSE(glob_matches("torch*", "torch/lib/libc10.so"));
  EXPECT_FALSE(glob_matches("lib", "torch/lib/libc10.so"));
}

TEST(GlobMatches, WithASlashTheWholePathIsCompared) {
  EXPECT_TRUE(glob_matches("torch/lib/*", "torch/lib/libc10.so"));
  EXPECT_TRUE(glob_matches("torch/*", "torch/lib/libc10.so"));
  EXPECT_TRUE(glob_matches("*/libc10.so", "torch/lib/libc10.so"));
  EXPECT_FALSE(glob_matches("lib/libc10.so", "torch/lib/libc10.so"));
  EXPECT_FALSE(glob_matches("torch/lib", "torch/lib/libc10.so"));
}

TEST(GlobMatches, QuestionMarksAndSetsStandForOneLetter) {
  EXPECT_TRUE(glob_matches("libc1?.so", "libc10.so"));
  EXPECT_TRUE(glob_matches("libcudnn.so.[78]", "x/libcudnn.so.8"));
  EXPECT_FALSE(glob_matches("libcudnn.so.[!78]", "x/libcudnn.so.8"));
  EXPECT_FALSE(glob_matches("libc?.so", "libc10.so"));
}

TEST(GlobMatches, LettersAreComparedWithTheirCase) {
  EXPECT_FALSE(glob_matches("LIBC10.so", "libc10.so"));
}

TEST(FileName, IsWhatStandsBehindTheLastSlash) {
  EXPECT_EQ(file_name("torch/lib/libc10.so"), "libc10.so");
  EXPECT_EQ(file_name("libc10.so"), "libc10.so");
  EXPECT_EQ(file_name("torch/"), "");
}

TEST(FolderOf, IsWhatStandsBeforeTheLastSlash) {
  EXPECT_EQ(folder_of("torch/lib/libc10.so"), "torch/lib");
  EXPECT_EQ(folder_of("libc10.so"), "");
}

}  // namespace
}  // namespace spokeshave
