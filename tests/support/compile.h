#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace support {

/// How a test's input is made: the source is in the test, the compiler makes the file.
struct Recipe {
  std::string source;
  std::vector<std::string> flags =
      {};  ///< besides `-O1 -fPIC -shared`; the folder of `files` is the current one
  std::string name = "libspecimen.so";            ///< of the file; no SONAME comes of it
  std::string compiler = "gcc";                   ///< one whose name ends in `g++` compiles C++
  std::map<std::string, std::string> files = {};  ///< version scripts and the like: name, text
  bool executable = false;                        ///< without `-fPIC -shared`
};

/// Compiles and links; the same recipe again gives the same file, which nobody may change. Throws
/// std::runtime_error with the compiler's words.
std::filesystem::path build(const Recipe& recipe);

bool has_program(const std::string& name);

/// Why a test that needs these programs cannot run here; empty when it can.
std::string missing_programs(const std::vector<std::string>& names);

}  // namespace support

/// Leaves the test where a program is missing. With the option SPOKESHAVE_TEST_TOOLCHAINS that is a
/// failure: the set-up has promised all of them.
#ifdef SPOKESHAVE_TEST_TOOLCHAINS
#define NEEDS_PROGRAMS(...) \
  if (const auto why = support::missing_programs({__VA_ARGS__}); !why.empty()) FAIL() << why
#define HEAVY_TEST() static_cast<void>(0)
#else
#define NEEDS_PROGRAMS(...) \
  if (const auto why = support::missing_programs({__VA_ARGS__}); !why.empty()) GTEST_SKIP() << why
#define HEAVY_TEST() GTEST_SKIP() << "heavy: configure with -DSPOKESHAVE_TEST_TOOLCHAINS=ON"
#endif
