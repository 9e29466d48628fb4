#include "src/in_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <system_error>

#include "src/regular_file.h"
#include "tests/support/temp_dir.h"

namespace spokeshave {
namespace {

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

class InPlace : public testing::Test {
 protected:
  InPlace() { std::ofstream(path_) << "0123456789"; }
  std::string content() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const elf::Rewrite rewrite_{.original_size = 10,
                              .patches = {{1, bytes_of("ab")}, {8, bytes_of("c")}},
                              .tail = bytes_of("tail")};
  support::TempDir dir_;
  const std::string path_ = (dir_ / "file").string();
};

TEST_F(InPlace, PatchesAndTailAreWritten) {
  const RegularFile file(path_, RegularFile::Access::kReadAndWrite);
  write_rewrite_in_place(file.descriptor(), rewrite_);
  EXPECT_EQ(content(), "0ab34567c9tail");
}

TEST_F(InPlace, WhatCannotBeWrittenWholeIsUndone) {
  const RegularFile file(path_, RegularFile::Access::kReadAndWrite);
  const auto old_action = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limits{};
  ::getrlimit(RLIMIT_FSIZE, &limits);
  for (const rlim_t most : {12, 9, 2}) {  // amid the tail; and below the file, the tail not at all
    const rlimit tight{most, limits.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &tight);
    EXPECT_THROW(write_rewrite_in_place(file.descriptor(), rewrite_), std::system_error);
    ::setrlimit(RLIMIT_FSIZE, &limits);
    EXPECT_EQ(content(), "0123456789");
  }
  const elf::Rewrite patches_only{.original_size = 10, .patches = rewrite_.patches};
  const rlimit tight{5, limits.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  EXPECT_THROW(write_rewrite_in_place(file.descriptor(), patches_only), std::system_error);
  ::setrlimit(RLIMIT_FSIZE, &limits);
  EXPECT_EQ(content(), "0123456789") << "the first patch was written, and taken back";
  std::signal(SIGXFSZ, old_action);
}

TEST_F(InPlace, AFileThatMayOnlyBeReadIsAnError) {
  const RegularFile file(path_);
  EXPECT_THROW(write_rewrite_in_place(file.descriptor(), rewrite_), std::system_error);
  EXPECT_EQ(content(), "0123456789");
}

}  // namespace
}  // namespace spokeshave
