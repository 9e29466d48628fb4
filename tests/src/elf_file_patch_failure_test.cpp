// What stops the patching of a bare ELF file, and what it leaves behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "src/elf_file_patch.h"
#include "tests/support/elf_file_patch.h"

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class StoppedOverItself : public OverItself {};
INSTANTIATE_TEST_SUITE_P(Ways, StoppedOverItself, testing::Values(false, true),
                         [](const auto& way) { return way.param ? "InPlace" : "ByACopy"; });

TEST_P(StoppedOverItself, AnEditThatTheFileDoesNotAllowIsAFinding) {
  const std::string before = content_of(file());
  const Failure failure = failure_of(patch({.remove_needed = {"libc.so.6"}}));
  EXPECT_EQ(failure.code(), ExitCode::kFound);
  EXPECT_THAT(failure.what(), HasSubstr("cannot be rewritten"));
  EXPECT_THAT(failure.cause(), HasSubstr("NEEDED `libc.so.6` cannot be removed: the library wants "
                                         "version `GLIBC_2.2.5` of it"));
  EXPECT_EQ(content_of(file()), before);
}

TEST_P(StoppedOverItself, EditsThatContradictEachOtherAreAMistakeOfUsage) {
  elf::Edits edits = runpath("/y");
  edits.remove_search_path = true;
  EXPECT_EQ(failure_of(patch(edits)).code(), ExitCode::kUsage);
}

TEST_P(StoppedOverItself, WhatIsNoElfFileIsSaidToBeNone) {
  std::ofstream(file(), std::ios::trunc) << "#!/bin/sh\n";
  const Failure failure = failure_of(patch(runpath("/y")));
  EXPECT_EQ(failure.code(), ExitCode::kFailed);
  EXPECT_THAT(failure.what(), HasSubstr("is no ELF file"));
  std::ofstream(file(), std::ios::trunc) << "\177E";
  EXPECT_THAT(failure_of(patch(runpath("/y"))).what(), HasSubstr("is no ELF file"));
}

TEST_P(StoppedOverItself, ADamagedLibraryIsSaidToBeDamagedAndWhere) {
  fs::resize_file(file(), fs::file_size(file()) / 4);
  const Failure failure = failure_of(patch(runpath("/y")));
  EXPECT_EQ(failure.code(), ExitCode::kFailed);
  EXPECT_THAT(failure.cause(), HasSubstr("(offset 0x"));
}

TEST_P(StoppedOverItself, WhatIsNoFileAtAllIsRefusedAtOnce) {
  ElfFilePatch other = patch(runpath("/y"));
  other.path = at("missing.so");
  EXPECT_EQ(failure_of(other).cause(), std::strerror(ENOENT));
  other.path = dir_.path();
  EXPECT_EQ(failure_of(other).cause(), std::strerror(EISDIR));
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  other.path = at("pipe");
  EXPECT_EQ(failure_of(other).cause(), "it is not a regular file");
  EXPECT_EQ(failure_of(other).code(), ExitCode::kFailed);
}

TEST_P(StoppedOverItself, AFileThatWeMayOnlyReadIsNotReplacedEither) {
  fs::permissions(dir_.path(), fs::perms::all);
  fs::permissions(file(), fs::perms(0444));
  const std::string before = content_of(file());
  const std::string words =
      as_nobody(dir_.path(), [&] { return words_of(patch(runpath(kLongPath))); });
  EXPECT_THAT(words, HasSubstr("error: cannot write `"));
  EXPECT_THAT(words, HasSubstr("caused by: Permission denied"));
  EXPECT_EQ(content_of(file()), before);
  EXPECT_THAT(names_in(dir_.path()), ElementsAre("libanswer.so.1"));
}

TEST_P(StoppedOverItself, AFolderThatWeMayNotWriteToTakesNoCopy) {
  fs::permissions(file(), fs::perms(0666));
  const fs::path elsewhere = support::TempDir().path();  // a name that is free again
  fs::create_directory(elsewhere);
  fs::permissions(elsewhere, fs::perms::all);
  fs::permissions(dir_.path(), fs::perms(0555));
  const std::string words =
      as_nobody(elsewhere, [&] { return words_of(patch(runpath(kLongPath))); });
  fs::permissions(dir_.path(), fs::perms::owner_all);
  fs::remove_all(elsewhere);
  if (GetParam()) {
    EXPECT_EQ(words, "done");
    EXPECT_EQ(runpath_of(file()), kLongPath);
  } else if (::geteuid() == 0) {
    EXPECT_THAT(words, HasSubstr("caused by: Permission denied"));
    EXPECT_THAT(words, HasSubstr("--out"));
  }
}

TEST_P(StoppedOverItself, AFileOfAnotherOwnerIsNotTakenOver) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a file another's";
  fs::permissions(dir_.path(), fs::perms::all);
  fs::permissions(file(), fs::perms(0666));
  const std::string words =
      as_nobody(dir_.path(), [&] { return words_of(patch(runpath(kLongPath))); });
  EXPECT_EQ(status_of(file()).st_uid, 0u);
  EXPECT_THAT(words, GetParam() ? HasSubstr("done") : HasSubstr("Operation not permitted"));
  EXPECT_THAT(names_in(dir_.path()), ElementsAre("libanswer.so.1"));
}

TEST_P(StoppedOverItself, AFileThatMayNotGrowIsAsItWas) {
  const std::string before = content_of(file());
  const auto old_action = std::signal(SIGXFSZ, SIG_IGN);  // as the program does
  rlimit limits{};
  ::getrlimit(RLIMIT_FSIZE, &limits);
  const rlimit tight{before.size() + 16, limits.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const Failure failure = failure_of(patch(runpath(kLongPath)));
  ::setrlimit(RLIMIT_FSIZE, &limits);
  std::signal(SIGXFSZ, old_action);
  EXPECT_EQ(failure.code(), ExitCode::kFailed);
  EXPECT_EQ(failure.cause(), std::strerror(EFBIG));
  EXPECT_THAT(failure.hint(), HasSubstr("make room"));
  EXPECT_EQ(content_of(file()), before);
  EXPECT_THAT(names_in(dir_.path()), ElementsAre("libanswer.so.1"));
}

TEST_P(StoppedOverItself, AFullDiskLeavesTheFileAsItWas) {
  const fs::path disk = at("disk");
  fs::create_directory(disk);
  if (::mount("none", disk.c_str(), "tmpfs", 0, "size=64k") != 0) GTEST_SKIP() << "no mount here";
  fs::copy_file(file(), disk / "lib.so");
  std::ofstream(disk / "filler") << std::string(1 << 20, 'x');
  const std::string before = content_of(disk / "lib.so");
  ElfFilePatch full = patch(runpath(std::string(8000, 'y')));
  full.path = disk / "lib.so";
  const std::string words = words_of(full);
  const std::string after = content_of(disk / "lib.so");
  const auto names = names_in(disk);
  ::umount(disk.c_str());
  EXPECT_THAT(words, HasSubstr("caused by: No space left on device"));
  EXPECT_TRUE(after == before);
  EXPECT_THAT(names, ElementsAre("filler", "lib.so"));
}

}  // namespace
}  // namespace spokeshave
