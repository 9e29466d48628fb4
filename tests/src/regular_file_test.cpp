#include "src/regular_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "src/output_file.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "wheel/error.h"

namespace spokeshave {
namespace {

namespace fs = std::filesystem;

class RegularFileTest : public testing::Test {
 protected:
  RegularFileTest() {
    std::ofstream file(path_, std::ios::binary);
    for (int i = 0; i < 500'000; ++i) file << i << '\n';
  }
  std::string published(OutputFile& output) const {
    const std::string copy = (dir_ / "copy").string();
    output.publish(copy, true);
    return copy;
  }
  support::TempDir dir_;
  const std::string path_ = (dir_ / "file").string();
};

bool are_equal(const std::string& one, const std::string& other) {
  return support::run_program({"cmp", one, other}).status == 0;
}

TEST_F(RegularFileTest, ACopyIsEqual) {
  const RegularFile file(path_);
  OutputFile output(dir_.path().string());
  copy_content(file.descriptor(), output.descriptor(), fs::file_size(path_));
  EXPECT_TRUE(are_equal(path_, published(output)));
}

TEST_F(RegularFileTest, ACopyToAnotherFileSystemIsEqual) {
  const int elsewhere = ::open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (elsewhere < 0) GTEST_SKIP() << "no /dev/shm";
  const RegularFile file(path_);
  copy_content(file.descriptor(), elsewhere, fs::file_size(path_));
  EXPECT_TRUE(
      are_equal(path_, "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(elsewhere)));
  ::close(elsewhere);
}

TEST_F(RegularFileTest, WhatTheKernelCannotCopyIsCopiedByHand) {
  // A descriptor that appends is one that copy_file_range(2) refuses (EBADF).
  const std::string copy = (dir_ / "copy").string();
  std::ofstream(copy).close();
  const int appending = ::open(copy.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  const RegularFile file(path_);
  copy_content(file.descriptor(), appending, fs::file_size(path_));
  ::close(appending);
  EXPECT_TRUE(are_equal(path_, copy));
}

TEST_F(RegularFileTest, AFileThatIsShorterThanWasSaidIsAnError) {
  const RegularFile file(path_);
  const int elsewhere = ::open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (elsewhere < 0) GTEST_SKIP() << "no /dev/shm";
  EXPECT_THROW(copy_content(file.descriptor(), elsewhere, fs::file_size(path_) + 1), wheel::Error);
  ::close(elsewhere);
}

TEST_F(RegularFileTest, ModeAndOwnerAreCopied) {
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(path_.c_str(), 12, 34), 0);
  }
  ASSERT_EQ(::chmod(path_.c_str(), 06754), 0);
  const RegularFile file(path_);
  OutputFile output(dir_.path().string());
  copy_attributes(file.descriptor(), output.descriptor(), file.status(), Owner::kAsBefore);
  struct stat status {};
  ASSERT_EQ(::stat(published(output).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode, file.status().st_mode);
  EXPECT_EQ(status.st_uid, file.status().st_uid);
  EXPECT_EQ(status.st_gid, file.status().st_gid);
}

/// What Python reads of the list, or sets first: user 12 may read (acl(5), and the kernel's
/// posix_acl_xattr.h for the bytes).
support::ProgramResult access_control_list(const std::string& path, bool set) {
  const char* const script =
      "import os, struct, sys\n"
      "name = 'system.posix_acl_access'\n"
      "none = 2 ** 32 - 1\n"
      "entries = [(1, 6, none), (2, 4, 12), (4, 4, none), (16, 4, none), (32, 0, none)]\n"
      "if sys.argv[2] == 'set':\n"
      "  os.setxattr(sys.argv[1], name, struct.pack('<I', 2) +\n"
      "              b''.join(struct.pack('<HHI', *entry) for entry in entries))\n"
      "print(os.getxattr(sys.argv[1], name))\n";
  return support::run_program({"python3", "-c", script, path, set ? "set" : "get"});
}

TEST_F(RegularFileTest, AnAccessControlListIsCopied) {
  const auto list = access_control_list(path_, true);
  if (list.status != 0) GTEST_SKIP() << "this file system has none: " << list.err;
  const RegularFile file(path_);
  OutputFile output(dir_.path().string());
  copy_attributes(file.descriptor(), output.descriptor(), file.status(), Owner::kAsBefore);
  EXPECT_EQ(access_control_list(published(output), false).out, list.out);
}

TEST_F(RegularFileTest, WhatIsWrittenOrReplacedMeanwhileIsSeen) {
  const RegularFile file(path_);
  EXPECT_TRUE(file.is_unchanged_at(path_));
  ::usleep(20'000);  // longer than the clock of any file system
  std::ofstream(path_, std::ios::in) << "x";
  EXPECT_FALSE(file.is_unchanged_at(path_));
  const RegularFile again(path_);
  EXPECT_TRUE(again.is_same_as(file));
  EXPECT_TRUE(again.is_unchanged_at(path_));
  fs::copy_file(path_, dir_ / "other");
  fs::rename(dir_ / "other", path_);
  EXPECT_FALSE(again.is_unchanged_at(path_));
  EXPECT_FALSE(RegularFile(path_).is_same_as(file));
  fs::remove(path_);
  EXPECT_FALSE(again.is_unchanged_at(path_));
}

TEST_F(RegularFileTest, FoldersPipesAndDevicesAreNone) {
  ASSERT_EQ(::mkfifo((dir_ / "pipe").c_str(), 0600), 0);
  for (const std::string& path :
       {dir_.path().string(), (dir_ / "pipe").string(), std::string("/dev/null")}) {
    EXPECT_THROW(RegularFile{path}, std::system_error) << path;
  }
}

}  // namespace
}  // namespace spokeshave
