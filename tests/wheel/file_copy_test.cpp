#include "wheel/file_copy.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "tests/support/temp_dir.h"
#include "tests/wheel/zip_support.h"
#include "wheel/error.h"

namespace {

using support::MemoryFile;

std::string bytes_of(int descriptor) {
  std::string bytes(1000, '\0');
  bytes.resize(static_cast<std::size_t>(pread(descriptor, bytes.data(), bytes.size(), 0)));
  return bytes;
}

TEST(FileCopy, PutsAPartWhereItIsToGo) {
  const MemoryFile from("0123456789");
  const MemoryFile to("abcdefghij");
  wheel::copy_part({from.descriptor(), 2, 3}, to.descriptor(), 4);
  EXPECT_EQ(bytes_of(to.descriptor()), "abcd234hij");
}

// copy_file_range(2) refuses with EXDEV or EINVAL here: one lies in memory, the other on the disk.
TEST(FileCopy, CopiesAcrossFileSystems) {
  const MemoryFile from("0123456789");
  const support::TempDir folder;
  const int to = open((folder / "to").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  wheel::copy_part({from.descriptor(), 1, 9}, to, 0);
  EXPECT_EQ(bytes_of(to), "123456789");
  close(to);
}

TEST(FileCopy, TellsHowFarItIs) {
  const MemoryFile from(std::string(500, 'x'));
  const MemoryFile to;
  std::uint64_t told = 0;
  wheel::copy_part({from.descriptor(), 0, 500}, to.descriptor(), 0,
                   [&](std::uint64_t bytes) { told = bytes; });
  EXPECT_EQ(told, 500u);
}

TEST(FileCopy, RefusesAPartThatReachesPastTheEnd) {
  const MemoryFile from("0123456789");
  const MemoryFile to;
  EXPECT_THROW(wheel::copy_part({from.descriptor(), 8, 3}, to.descriptor(), 0), wheel::Error);
}

TEST(FileCopy, TellsWhyAFileTakesNoMore) {
  const MemoryFile from("0123456789");
  const int full = open("/dev/full", O_RDWR | O_CLOEXEC);
  try {
    wheel::copy_part({from.descriptor(), 0, 10}, full, 0);
    ADD_FAILURE() << "/dev/full took it";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOSPC);
  }
  close(full);
}

TEST(FileCopy, CopiesNothingOfNothing) {
  const MemoryFile from("");
  const MemoryFile to("abc");
  wheel::copy_part({from.descriptor(), 0, 0}, to.descriptor(), 1);
  EXPECT_EQ(bytes_of(to.descriptor()), "abc");
}

}  // namespace
