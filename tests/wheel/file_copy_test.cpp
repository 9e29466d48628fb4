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

// Through a pipe, or with shared blocks where both offsets are alike; not in whole pages nor
// pieces.
TEST(FileCopy, CopiesWhatIsLargeWhateverTheOffsets) {
  std::string text;
  for (int i = 0; text.size() < (std::size_t{3} << 20); ++i) {
    text += std::to_string(i);
  }
  const support::TempDir folder;
  const int from = open((folder / "from").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(write(from, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  for (const auto& [begin, place] : {std::pair(1234, 77), std::pair(77, 77 + 8192)}) {
    const std::string part = text.substr(static_cast<std::size_t>(begin), (2u << 20) + 4321);
    const int to = open((folder / "to").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    std::uint64_t told = 0;
    wheel::copy_part({from, static_cast<std::uint64_t>(begin), part.size()}, to,
                     static_cast<std::uint64_t>(place), [&](std::uint64_t bytes) { told = bytes; });
    std::string copied(text.size(), '\0');
    copied.resize(static_cast<std::size_t>(pread(to, copied.data(), copied.size(), 0)));
    EXPECT_TRUE(copied == std::string(static_cast<std::size_t>(place), '\0') + part);
    EXPECT_EQ(told, part.size());
    close(to);
  }
  close(from);
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
