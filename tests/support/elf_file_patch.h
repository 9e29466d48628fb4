#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>

#include "src/elf_file_patch.h"
#include "src/failure.h"
#include "tests/support/compile.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

// A library on disk that patch_elf_file() is let loose on.
namespace spokeshave {

namespace fs = std::filesystem;

inline constexpr const char* kLongPath =
    "$ORIGIN:$ORIGIN/../../a/folder/that/has/no/room/where/it/was";

inline fs::path library() {
  return support::build({.source = "#include <stdlib.h>\n"
                                   "int answer(void) { return (int)strtol(\"42\", NULL, 10); }\n",
                         .flags = {"-Wl,-soname,libanswer.so.1", "-Wl,-rpath,/x"}});
}

inline std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string readelf(const fs::path& file) {
  return support::run_program({"readelf", "-dW", file}, {{"LC_ALL", "C"}}).out;
}

inline std::string runpath_of(const fs::path& file) {
  const std::string text = readelf(file);
  const auto begin = text.find("Library runpath: [");
  if (begin == std::string::npos) return "";
  return text.substr(begin + 18, text.find(']', begin) - begin - 18);
}

/// What the function of the library says when ld.so has loaded it.
inline std::string answer_of(const fs::path& file) {
  const auto result = support::run_program(
      {"python3", "-c", "import ctypes, sys; print(ctypes.CDLL(sys.argv[1]).answer())", file});
  return result.out + result.err;
}

inline struct stat status_of(const fs::path& file) {
  struct stat status {};
  EXPECT_EQ(::lstat(file.c_str(), &status), 0) << file;
  return status;
}

inline std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

inline elf::Edits runpath(const std::string& path) {
  return {.search_path = path};
}

inline Failure failure_of(const ElfFilePatch& patch) {
  try {
    patch_elf_file(patch);
  } catch (const Failure& failure) {
    for (const std::string& line : {std::string(failure.what()), failure.cause(), failure.hint()}) {
      EXPECT_THAT(line, testing::Not(testing::IsEmpty()));
      EXPECT_THAT(line, testing::Not(testing::HasSubstr("\n")));
      EXPECT_NE(line.back(), '.');
    }
    return failure;
  }
  ADD_FAILURE() << "no failure";
  return {ExitCode::kDone, "", "", ""};
}

/// What `work` says in a child process that is nobody in particular: root may do everything.
inline std::string as_nobody(const fs::path& folder, const std::function<std::string()>& work) {
  const fs::path said = folder / "said";
  std::ofstream(said).close();
  ::chmod(said.c_str(), 0666);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool dropped = ::geteuid() != 0 || (::setresgid(65534, 65534, 65534) == 0 &&
                                              ::setresuid(65534, 65534, 65534) == 0);
    std::ofstream(said) << (dropped ? work() : "cannot become nobody");
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  const std::string text = content_of(said);
  fs::remove(said);
  return text;
}

inline std::string words_of(const ElfFilePatch& patch) {
  try {
    patch_elf_file(patch);
    return "done";
  } catch (const Failure& failure) {
    return to_text(failure);
  } catch (const std::exception& error) {
    return std::string("other: ") + error.what();
  }
}

/// Each test has the library in a folder of its own, as often as it is patched.
class ElfFilePatchTest : public testing::Test {
 protected:
  ElfFilePatchTest() { fs::copy_file(library(), file_); }
  fs::path at(const std::string& name) const { return dir_ / name; }
  fs::path file() const { return file_; }

  support::TempDir dir_;
  fs::path file_ = dir_ / "libanswer.so.1";
};

/// Over the file itself, by either way.
class OverItself : public ElfFilePatchTest, public testing::WithParamInterface<bool> {
 protected:
  ElfFilePatch patch(const elf::Edits& edits) const {
    return {.path = file_, .edits = edits, .in_place = GetParam()};
  }
};
}  // namespace spokeshave
