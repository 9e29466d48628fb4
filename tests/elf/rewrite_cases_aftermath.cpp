// What users do with a library afterwards: strip it, link against it, look for its build-id, debug
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/run_program.h"
#include "tests/support/specimen.h"

namespace {

namespace fs = std::filesystem;
using support::kRichSource;
using support::kRichSteps;
using support::long_text;
using support::run_program;
using support::Specimen;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

support::LoadResult load(const fs::path& file) {
  auto steps = kRichSteps;
  steps.insert(steps.begin(), "open:" + file.string());
  return support::load_and_call({.steps = steps});
}

struct Layout {
  std::string name;
  std::vector<std::string> flags;
};
void PrintTo(const Layout& layout, std::ostream* out) {
  *out << layout.name;
}

class RewriteThenTool : public testing::TestWithParam<Layout> {
 protected:
  static Specimen edited() {
    auto flags = GetParam().flags;
    flags.insert(flags.end(), {"-g", "-Wl,-rpath,x", "-Wl,-soname,libspecimen.so"});
    Specimen lib({.source = kRichSource, .flags = flags});
    lib.edit({.search_path = long_text(200)});
    return lib;
  }
  /// After the tool the names still stand and the code still runs.
  static void expect_survives(std::vector<std::string> command) {
    const Specimen lib = edited();
    command.push_back(lib.file().string());
    const auto result = run_program(command);
    ASSERT_EQ(result.status, 0) << result.out << result.err;
    EXPECT_EQ(load(lib.file()), load(lib.before()));
    EXPECT_EQ(lib.names().runpath, long_text(200));
  }
};

// Row 39.
TEST_P(RewriteThenTool, StripOfDebugInformation) {
  expect_survives({"strip", "-g"});
}
TEST_P(RewriteThenTool, StripOfAllSymbols) {
  expect_survives({"strip", "-s"});
}
TEST_P(RewriteThenTool, StripOfUnneededSymbols) {
  expect_survives({"strip", "--strip-unneeded"});
}
TEST_P(RewriteThenTool, Objcopy) {
  expect_survives({"objcopy"});
}
TEST_P(RewriteThenTool, ObjcopyThatRemovesASection) {
  expect_survives({"objcopy", "--remove-section", ".comment"});
}

// Row 39, and once more over the strip.
TEST_P(RewriteThenTool, StripAndThenAnotherEdit) {
  const Specimen lib = edited();
  ASSERT_EQ(run_program({"strip", lib.file().string()}).status, 0);
  Specimen again(lib.file());
  again.edit({.search_path = long_text(400)});
  EXPECT_THAT(again.findings(kRichSteps), IsEmpty());
}

const Layout kWithBuildId{"with_build_id", {"-Wl,--build-id=sha1"}};
const Layout kTwoNotes{"two_notes", {"-Wl,--build-id=sha1", "-fcf-protection=full"}};
const Layout kWidePages{"wide_pages", {"-Wl,--build-id=sha1", "-Wl,-z,max-page-size=0x200000"}};
const Layout kWithoutNotes{"without_notes", {"-Wl,--build-id=none"}};
INSTANTIATE_TEST_SUITE_P(Layouts, RewriteThenTool,
                         testing::Values(kWithBuildId, kTwoNotes, kWidePages, kWithoutNotes),
                         [](const auto& test) { return test.param.name; });

// Row 39. eu-strip clears what no section covers, so a library without any PT_NOTE whose table had
// to be copied does not live through it: that is known, and why the PT_NOTE's entry is taken where
// there is one.
class RewriteThenEuStrip : public RewriteThenTool {};
TEST_P(RewriteThenEuStrip, LeavesItLoadable) {
  NEEDS_PROGRAMS("eu-strip");
  expect_survives({"eu-strip"});
}
INSTANTIATE_TEST_SUITE_P(Layouts, RewriteThenEuStrip,
                         testing::Values(kWithBuildId, kTwoNotes, kWidePages),
                         [](const auto& test) { return test.param.name; });

// Row 40.
TEST(RewriteThenSystem, LdconfigFindsTheNewSoname) {
  if (!fs::exists("/sbin/ldconfig")) GTEST_SKIP() << "no /sbin/ldconfig";
  for (const std::string build_id : {"-Wl,--build-id=sha1", "-Wl,--build-id=none"}) {
    SCOPED_TRACE(build_id);
    Specimen lib({.source = kRichSource, .flags = {"-Wl,-soname,libold.so.1", build_id}});
    lib.edit({.soname = "libspecimen-of-a-new-name.so.7"});
    const auto result = run_program({"/sbin/ldconfig", "-n", "-N", "-v", lib.folder().string()});
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.out, HasSubstr("libspecimen-of-a-new-name.so.7 -> libspecimen.so"));
    EXPECT_THAT(result.err, Not(HasSubstr("libspecimen.so")));  // "is truncated", "is empty", ...
  }
}

// Row 40.
TEST(RewriteThenSystem, LddSeesTheNewNeeds) {
  Specimen lib({.source = kRichSource});
  lib.edit({.search_path = "$ORIGIN", .add_needed = {"libm.so.6", "libnot-there.so"}});
  const auto result = run_program({"ldd", "-r", lib.file().string()}, {{"LC_ALL", "C"}});
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("libm.so.6 => /"), HasSubstr("libnot-there.so => not found")));
}

// The linker reads the string table by its section header.
TEST(RewriteThenSystem, TheLinkersLinkAgainstIt) {
  for (const std::string linker : {"bfd", "gold", "lld"}) {
    if (!support::has_program("ld." + linker)) continue;
    SCOPED_TRACE(linker);
    Specimen lib({.source = kRichSource, .flags = {"-Wl,-rpath,x"}});
    lib.edit({.search_path = long_text(100), .soname = "libspecimen-a34b3233.so"});
    const auto user = support::build(
        {.source = "int through_libc(void); int user(void) { return through_libc(); }",
         .flags = {"-fuse-ld=" + linker, "-Wl,-z,defs", lib.file().string()}});
    EXPECT_THAT(support::names_of(user).needed, testing::Contains("libspecimen-a34b3233.so"));
  }
}

// Row 30.
TEST(RewriteThenSystem, TheBuildIdIsFound) {
  NEEDS_PROGRAMS("eu-unstrip");
  Specimen lib(
      {.source = kRichSource, .flags = {"-Wl,--build-id=0x1234567890abcdef", "-Wl,-rpath,x"}});
  lib.edit({.search_path = long_text(100)});
  EXPECT_THAT(run_program({"eu-unstrip", "-n", "-e", lib.file().string()}).out,
              HasSubstr("1234567890abcdef"));
  EXPECT_THAT(run_program({"readelf", "-n", lib.file().string()}).out,
              HasSubstr("1234567890abcdef"));
  EXPECT_THAT(run_program({"file", lib.file().string()}).out, HasSubstr("1234567890abcdef"));
}

// Row 50.
TEST(RewriteThenSystem, TheDebuggerStillFindsTheLines) {
  NEEDS_PROGRAMS("gdb");
  Specimen lib({.source = kRichSource, .flags = {"-g", "-Wl,-rpath,x"}});
  const auto lines = [](const fs::path& file) {
    return run_program({"gdb", "-nx", "-batch", "-ex", "info line through_libc", "-ex",
                        "info address was_constructed", file.string()})
        .out;
  };
  const std::string before = lines(lib.before());
  ASSERT_THAT(before, HasSubstr("specimen.c"));
  lib.edit({.search_path = long_text(100)});
  EXPECT_EQ(lines(lib.file()), before);
}

// Row 50: debug information that was split off before the edit goes together with the edited
// library.
TEST(RewriteThenSystem, DebugInformationSplitOffBeforeStillMatches) {
  NEEDS_PROGRAMS("gdb");
  Specimen lib({.source = kRichSource, .flags = {"-g", "-Wl,-rpath,x"}}, [](const fs::path& file) {
    run_program({"objcopy", "--only-keep-debug", file.string(), file.string() + ".debug"});
    run_program({"strip", "-g", file.string()});
  });
  lib.edit({.search_path = long_text(100)});
  const std::string debug = lib.before().string() + ".debug";
  const auto gdb = run_program({"gdb", "-nx", "-batch", "-ex", "symbol-file " + debug, "-ex",
                                "info line through_libc", lib.file().string()});
  EXPECT_THAT(gdb.out, HasSubstr("specimen.c"));
}

// Row 50: eu-unstrip pairs sections by their addresses, so it wants an edit that fits, or a split
// after the edit.
TEST(RewriteThenSystem, EuUnstripPutsThePartsTogetherAgain) {
  NEEDS_PROGRAMS("eu-unstrip", "eu-strip");
  Specimen in_place({.source = kRichSource, .flags = {"-g", "-Wl,-rpath,/opt/lib"}});
  Specimen grown({.source = kRichSource, .flags = {"-g", "-Wl,-rpath,x"}});
  const auto split = [](const Specimen& lib) {
    return run_program({"eu-strip", "-f", lib.file().string() + ".debug", lib.file().string()})
        .status;
  };
  ASSERT_EQ(split(in_place), 0);
  in_place.edit({.search_path = "/opt"});
  grown.edit({.search_path = long_text(100)});
  ASSERT_EQ(split(grown), 0);
  for (const Specimen* lib : {&in_place, &grown}) {
    const auto whole = lib->folder() / "whole.so";
    const auto unstrip = run_program({"eu-unstrip", lib->file().string(),
                                      lib->file().string() + ".debug", "-o", whole.string()});
    EXPECT_EQ(unstrip.status, 0) << unstrip.err;
    EXPECT_EQ(load(whole), load(lib->before()));
  }
}

}  // namespace
