// A bare ELF file, patched as patchelf would: judged by ld.so, readelf and stat.
#include "src/elf_file_patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <random>

#include "tests/support/elf_file_patch.h"
#include "tests/support/random_seed.h"

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

INSTANTIATE_TEST_SUITE_P(Ways, OverItself, testing::Values(false, true),
                         [](const auto& way) { return way.param ? "InPlace" : "ByACopy"; });

TEST_P(OverItself, TheLibraryHasTheNewPathAndLoads) {
  const std::uint64_t size = fs::file_size(file());
  const PatchedElfFile result = patch_elf_file(patch(runpath(kLongPath)));
  EXPECT_EQ(runpath_of(file()), kLongPath);
  EXPECT_EQ(answer_of(file()), "42\n");
  EXPECT_EQ(result.path, file());
  EXPECT_FALSE(result.untouched);
  EXPECT_EQ(result.appended_bytes, fs::file_size(file()) - size);
  EXPECT_GT(result.appended_bytes, 0u);
  EXPECT_THAT(result.changes, ElementsAre("RUNPATH `/x` -> `" + std::string(kLongPath) + "`"));
  EXPECT_THAT(names_in(dir_.path()), ElementsAre("libanswer.so.1"));
}

TEST_P(OverItself, AllThatPatchelfDoesIsDoneAtOnce) {
  elf::Edits edits = runpath("/y");
  edits.soname = "libreply.so.2";
  edits.add_needed = {"libm.so.6"};
  edits.path_kind = elf::PathKind::kRpath;
  patch_elf_file(patch(edits));
  const std::string text = readelf(file());
  EXPECT_THAT(text, HasSubstr("Library rpath: [/y]"));
  EXPECT_THAT(text, HasSubstr("Library soname: [libreply.so.2]"));
  EXPECT_THAT(text, HasSubstr("Shared library: [libm.so.6]"));
  EXPECT_EQ(answer_of(file()), "42\n");
  patch_elf_file(patch({.remove_search_path = true, .remove_needed = {"libm.so.6"}}));
  EXPECT_THAT(readelf(file()), Not(HasSubstr("rpath")));
  EXPECT_THAT(readelf(file()), Not(HasSubstr("libm.so.6")));
  EXPECT_EQ(answer_of(file()), "42\n");
}

TEST_P(OverItself, WhatChangesNothingLeavesTheFileUntouched) {
  const auto before = status_of(file());
  for (const elf::Edits& edits : {elf::Edits{}, runpath("/x")}) {
    const PatchedElfFile result = patch_elf_file(patch(edits));
    EXPECT_TRUE(result.untouched);
    EXPECT_THAT(result.changes, IsEmpty());
  }
  const auto after = status_of(file());
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  EXPECT_EQ(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
}

TEST_P(OverItself, WhatChangesNothingIsDoneToAFileThatNobodyMayWrite) {
  fs::permissions(file(), fs::perms::owner_read);
  EXPECT_TRUE(patch_elf_file(patch(runpath("/x"))).untouched);
}

TEST_P(OverItself, ModeAndOwnerStay) {
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::chown(file().c_str(), 12, 34), 0);
  }
  ASSERT_EQ(::chmod(file().c_str(), 02751), 0);
  const auto before = status_of(file());
  const mode_t old = ::umask(077);
  patch_elf_file(patch(runpath("/y")));
  ::umask(old);
  const auto after = status_of(file());
  EXPECT_EQ(after.st_mode & 0777, 0751u);
  EXPECT_EQ(after.st_uid, before.st_uid);
  EXPECT_EQ(after.st_gid, before.st_gid);
  // The kernel takes these bits from a file that is written to; a copy can have them again.
  if (!GetParam()) {
    EXPECT_EQ(after.st_mode & 07777, 02751u);
  }
  EXPECT_EQ(runpath_of(file()), "/y");
}

TEST_P(OverItself, ExtendedAttributesStay) {
  const auto set = support::run_program(
      {"python3", "-c", "import os, sys; os.setxattr(sys.argv[1], 'user.note', b'kept')", file()});
  if (set.status != 0) GTEST_SKIP() << "this file system has none: " << set.err;
  patch_elf_file(patch(runpath(kLongPath)));
  const auto got = support::run_program(
      {"python3", "-c", "import os, sys; print(os.getxattr(sys.argv[1], 'user.note'))", file()});
  EXPECT_EQ(got.out, "b'kept'\n");
}

TEST_P(OverItself, ASymbolicLinkStaysOneAndWhatItLeadsToIsPatched) {
  fs::create_directory(at("links"));
  fs::create_symlink("../libanswer.so.1", at("links") / "libanswer.so");
  ElfFilePatch by_link = patch(runpath("/y"));
  by_link.path = at("links") / "libanswer.so";
  EXPECT_EQ(patch_elf_file(by_link).path, by_link.path);
  EXPECT_TRUE(fs::is_symlink(at("links") / "libanswer.so"));
  EXPECT_FALSE(fs::is_symlink(file()));
  EXPECT_EQ(runpath_of(file()), "/y");
  EXPECT_THAT(names_in(at("links")), ElementsAre("libanswer.so"));
}

TEST_P(OverItself, AnotherHardLinkSeesWhatIsWrittenIntoTheFileOnly) {
  fs::create_hard_link(file(), at("twin.so"));
  patch_elf_file(patch(runpath("/y")));
  EXPECT_EQ(runpath_of(file()), "/y");
  EXPECT_EQ(runpath_of(at("twin.so")), GetParam() ? "/y" : "/x");
}

TEST_P(OverItself, AFileNameWithoutAFolderIsFoundHere) {
  const fs::path here = fs::current_path();
  fs::current_path(dir_.path());
  ElfFilePatch bare = patch(runpath("/y"));
  bare.path = "libanswer.so.1";
  patch_elf_file(bare);
  fs::current_path(here);
  EXPECT_EQ(runpath_of(file()), "/y");
}

TEST_P(OverItself, ARunningProgramIsReplacedButNotWrittenInto) {
  const fs::path program = at("program");
  fs::copy_file(support::build({.source = "#include <unistd.h>\nint main(void) { sleep(60); }",
                                .flags = {"-Wl,-rpath,/x"},
                                .name = "program",
                                .executable = true}),
                program);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(program.c_str(), "program", nullptr);
    ::_exit(127);
  }
  const std::string running = "/proc/" + std::to_string(child) + "/exe";
  for (int i = 0; i < 500; ++i) {
    std::error_code ignored;
    if (fs::read_symlink(running, ignored) == program) break;
    ::usleep(10'000);
  }
  ElfFilePatch run = patch(runpath(kLongPath));
  run.path = program;
  if (GetParam()) {
    const Failure failure = failure_of(run);
    EXPECT_EQ(failure.code(), ExitCode::kFailed);
    EXPECT_EQ(failure.cause(), std::strerror(ETXTBSY));
    EXPECT_THAT(failure.hint(), HasSubstr("leave --in-place out"));
    EXPECT_EQ(runpath_of(program), "/x");
  } else {
    patch_elf_file(run);
    EXPECT_EQ(runpath_of(program), kLongPath);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, WNOHANG), 0) << "it goes on";
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

// ----------------------------------------------------------- into a folder

TEST_F(ElfFilePatchTest, IntoAFolderLeavesTheOriginalAndIsMadeWhereItIsMissing) {
  const auto before = status_of(file());
  fs::permissions(file(), fs::perms(0750));
  const PatchedElfFile result = patch_elf_file(
      {.path = file(), .edits = runpath(kLongPath), .out_folder = at("new/folder").string()});
  EXPECT_EQ(result.path, at("new/folder/libanswer.so.1"));
  EXPECT_EQ(runpath_of(result.path), kLongPath);
  EXPECT_EQ(answer_of(result.path), "42\n");
  EXPECT_EQ(status_of(result.path).st_mode & 0777, 0750u);
  EXPECT_EQ(runpath_of(file()), "/x");
  EXPECT_EQ(status_of(file()).st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

TEST_F(ElfFilePatchTest, IntoAFolderACopyIsPutEvenWhereNothingChanges) {
  const auto result =
      patch_elf_file({.path = file(), .edits = runpath("/x"), .out_folder = at("out").string()});
  EXPECT_TRUE(result.untouched);
  EXPECT_TRUE(content_of(result.path) == content_of(file()));
}

TEST_F(ElfFilePatchTest, AFileThatIsThereIsReplacedWithForceOnly) {
  fs::create_directory(at("out"));
  std::ofstream(at("out/libanswer.so.1")) << "old";
  ElfFilePatch patch{.path = file(), .edits = runpath("/y"), .out_folder = at("out").string()};
  const Failure failure = failure_of(patch);
  EXPECT_EQ(failure.code(), ExitCode::kFailed);
  EXPECT_THAT(failure.hint(), HasSubstr("--force"));
  EXPECT_EQ(content_of(at("out/libanswer.so.1")), "old");
  patch.force = true;
  patch_elf_file(patch);
  EXPECT_EQ(runpath_of(at("out/libanswer.so.1")), "/y");
  EXPECT_THAT(names_in(at("out")), ElementsAre("libanswer.so.1"));
}

TEST_F(ElfFilePatchTest, TheFolderOfTheFileItselfIsRefused) {
  for (const bool force : {false, true}) {
    const Failure failure = failure_of({.path = file(),
                                        .edits = runpath("/y"),
                                        .out_folder = dir_.path().string(),
                                        .force = force});
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
  }
  EXPECT_EQ(runpath_of(file()), "/x");
}

TEST_F(ElfFilePatchTest, InPlaceAndOutExcludeEachOther) {
  EXPECT_EQ(failure_of({.path = file(),
                        .edits = runpath("/y"),
                        .out_folder = at("out").string(),
                        .in_place = true})
                .code(),
            ExitCode::kUsage);
  EXPECT_FALSE(fs::exists(at("out")));
}

TEST_F(ElfFilePatchTest, AnEditThatIsRefusedMakesNoFolder) {
  failure_of({.path = file(),
              .edits = {.remove_needed = {"libc.so.6"}},
              .out_folder = at("out").string()});
  EXPECT_FALSE(fs::exists(at("out")));
}

TEST_F(ElfFilePatchTest, TheSetUserIdBitGoesWhereTheOwnerCannotBeKept) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a file another's";
  fs::permissions(dir_.path(), fs::perms::all);
  fs::permissions(file(), fs::perms(04755));
  const std::string words = as_nobody(dir_.path(), [&] {
    return words_of({.path = file(), .edits = runpath("/y"), .out_folder = at("out").string()});
  });
  EXPECT_EQ(words, "done");
  EXPECT_EQ(status_of(at("out/libanswer.so.1")).st_mode & 07777, 0755u);
}

// --------------------------------------------------------------------- other

TEST_F(ElfFilePatchTest, BothWaysGiveTheSameBytes) {
  fs::copy_file(file(), at("other.so"));
  elf::Edits edits = runpath(kLongPath);
  edits.soname = "libreply.so.2";
  patch_elf_file({.path = file(), .edits = edits});
  patch_elf_file({.path = at("other.so"), .edits = edits, .in_place = true});
  EXPECT_EQ(support::run_program({"cmp", file(), at("other.so")}).status, 0);
}

TEST_F(ElfFilePatchTest, WhereThereAreNoNamelessFilesAHiddenOneDoes) {
  ::setenv("SPOKESHAVE_NO_TMPFILE", "1", 1);
  patch_elf_file({.path = file(), .edits = runpath(kLongPath)});
  ::unsetenv("SPOKESHAVE_NO_TMPFILE");
  EXPECT_EQ(runpath_of(file()), kLongPath);
  EXPECT_THAT(names_in(dir_.path()), ElementsAre("libanswer.so.1"));
}

TEST_F(ElfFilePatchTest, AnElfFileIsTold) {
  std::ofstream(at("text")) << "text";
  std::ofstream(at("empty")).close();
  EXPECT_TRUE(is_elf_file(file()));
  EXPECT_FALSE(is_elf_file(at("text")));
  EXPECT_FALSE(is_elf_file(at("empty")));
  EXPECT_FALSE(is_elf_file(at("missing")));
  EXPECT_FALSE(is_elf_file(dir_.path()));
}

TEST_F(ElfFilePatchTest, WhoeverKillsItFindsTheOldFileOrTheNewOne) {
  std::ofstream(file(), std::ios::app) << std::string(10 << 20, 'x');  // so that there is time
  const std::string before = content_of(file());
  const ElfFilePatch patch{.path = file(), .edits = runpath(kLongPath)};
  patch_elf_file(patch);
  const std::string after = content_of(file());
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  int old_ones = 0;
  for (int i = 0; i < 20; ++i) {
    std::ofstream(file(), std::ios::trunc) << before;
    const pid_t child = ::fork();
    if (child == 0) {
      patch_elf_file(patch);
      ::_exit(0);
    }
    ::usleep(std::uniform_int_distribution<useconds_t>(0, 20'000)(random));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const std::string now = content_of(file());
    EXPECT_TRUE(now == before || now == after);
    old_ones += now == before ? 1 : 0;
  }
  EXPECT_GT(old_ones, 0) << "no child was killed in time: the test has shown nothing";
}

}  // namespace
}  // namespace spokeshave
