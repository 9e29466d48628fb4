// NEEDED, SONAME and symbol versions: what has to change together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "elf/error.h"
#include "tests/support/elf_poke.h"
#include "tests/support/specimen.h"

namespace {

namespace fs = std::filesystem;
using elf::Placement;
using support::kRichSource;
using support::kRichSteps;
using support::long_text;
using support::Specimen;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const kVersionedSource = R"(
__asm__(".symver value_old,value@OLD_1");
__asm__(".symver value_new,value@@NEW_2");
int value_old(void) { return 1; }
int value_new(void) { return 2; }
)";

support::Recipe versioned(std::vector<std::string> more = {}) {
  more.insert(more.end(), {"-Wl,--version-script,versions", "-Wl,-soname,libdep.so"});
  return {.source = kVersionedSource,
          .flags = std::move(more),
          .name = "libdep.so",
          .files = {{"versions",
                     "OLD_1 { global: value; local: *; };\nNEW_2 { global: value; } OLD_1;\n"}}};
}

/// Needs libdep.so in version NEW_2, and libc; every name that libdep.so is given in these tests
/// leads to it.
struct VersionedNeed {
  fs::path dependency = support::build(versioned());
  Specimen importer;
  support::TempDir folder;
  support::LoadPlan where{.steps = {}, .library_path = {folder.path().string()}};

  explicit VersionedNeed(std::vector<std::string> flags = {})
      : importer(support::Recipe{
            .source = "#include <stdlib.h>\nint value(void);\n"
                      "int importer(void) { return value() + (getenv(\"PATH\") != 0); }",
            .flags = with(std::move(flags), {dependency.string(), "-Wl,-rpath,/x"})}) {
    for (const char* name : {"libdep.so", "d.so", "libdep-a34b3233.so"})
      fs::copy(dependency, folder / name);
  }
  static std::vector<std::string> with(std::vector<std::string> first,
                                       std::vector<std::string> second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  }
  support::Findings findings() const { return importer.findings({"call:importer"}, where); }
};

// Row 16: ld.so stops with an assertion where a version names a library that is not needed.
TEST(RewriteNeeded, ALongerNameIsChangedInVerneedAsWell) {
  VersionedNeed need;
  need.importer.edit({.replace_needed = {{"libdep.so", "libdep-a34b3233.so"}}});
  EXPECT_THAT(need.importer.names().needed, ElementsAre("libdep-a34b3233.so", "libc.so.6"));
  EXPECT_THAT(support::dump(need.importer.file()).version_need_files,
              testing::UnorderedElementsAre("libc.so.6", "libdep-a34b3233.so"));
  EXPECT_THAT(need.findings(), IsEmpty());
}

// Row 16.
TEST(RewriteNeeded, AShorterNameIsChangedInVerneedAsWell) {
  VersionedNeed need;
  need.importer.edit({.replace_needed = {{"libdep.so", "d.so"}}});
  EXPECT_THAT(support::dump(need.importer.file()).version_need_files,
              testing::UnorderedElementsAre("libc.so.6", "d.so"));
  EXPECT_THAT(need.findings(), IsEmpty());
}

TEST(RewriteNeeded, ANameThatEndsAStringOfTheTableIsReused) {
  VersionedNeed need({"-Wl,-soname,libimporter-with-a-long-name.so"});
  fs::copy(need.dependency, need.folder / "importer-with-a-long-name.so");
  const auto rewrite =
      need.importer.edit({.replace_needed = {{"libdep.so", "importer-with-a-long-name.so"}}});
  EXPECT_EQ(rewrite.placement, Placement::kReused);
  EXPECT_THAT(rewrite.tail, IsEmpty());
  EXPECT_THAT(need.findings(), IsEmpty());
}

// The reused string belongs to two from then on.
TEST(RewriteNeeded, AReusedStringIsNotOverwrittenLater) {
  VersionedNeed need({"-Wl,-soname,libimporter-with-a-long-name.so"});
  fs::copy(need.dependency, need.folder / "importer-with-a-long-name.so");
  need.importer.edit({.replace_needed = {{"libdep.so", "importer-with-a-long-name.so"}}});
  need.importer.edit({.soname = "s"});
  EXPECT_THAT(need.findings(), IsEmpty());
}

TEST(RewriteNeeded, NamesAreSwapped) {
  const fs::path first = support::build({.source = "int first(void) { return 1; }",
                                         .flags = {"-Wl,-soname,liba.so"},
                                         .name = "liba.so"});
  const fs::path second = support::build({.source = "int second(void) { return 2; }",
                                          .flags = {"-Wl,-soname,libb.so"},
                                          .name = "libb.so"});
  Specimen lib(
      {.source =
           "int first(void); int second(void); int both(void) { return first() * 10 + second(); }",
       .flags = {first.string(), second.string()}});
  lib.edit({.replace_needed = {{"liba.so", "libb.so"}, {"libb.so", "liba.so"}}});
  EXPECT_THAT(lib.names().needed, ElementsAre("libb.so", "liba.so"));
  const support::LoadPlan where{
      .steps = {}, .library_path = {first.parent_path().string(), second.parent_path().string()}};
  EXPECT_THAT(lib.findings({"call:both"}, where), IsEmpty());
}

// Row 17.
TEST(RewriteNeeded, RemovalIsRefusedWhereAVersionNamesTheLibrary) {
  VersionedNeed need;
  const auto bytes = support::read_file(need.importer.file());
  try {
    need.importer.edit({.remove_needed = {"libdep.so"}});
    FAIL() << "removed, though NEW_2 of libdep.so is wanted";
  } catch (const elf::Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("libdep.so"));
  }
  EXPECT_EQ(support::read_file(need.importer.file()), bytes);
}

TEST(RewriteNeeded, ALibraryThatNobodyNamesIsRemoved) {
  VersionedNeed need({"-Wl,--no-as-needed", "-lm", "-lresolv"});
  ASSERT_THAT(need.importer.names().needed,
              ElementsAre("libm.so.6", "libresolv.so.2", "libdep.so", "libc.so.6"));
  need.importer.edit({.remove_needed = {"libresolv.so.2"}});
  EXPECT_THAT(need.findings(), IsEmpty());
  need.importer.edit({.remove_needed = {"libm.so.6"}});
  EXPECT_THAT(need.importer.names().needed, ElementsAre("libdep.so", "libc.so.6"));
  EXPECT_THAT(need.findings(), IsEmpty());
}

TEST(RewriteNeeded, ANewNeedComesLast) {
  VersionedNeed need;
  need.importer.edit({.add_needed = {"libm.so.6", "libdep.so", "librt.so.1"}});
  EXPECT_THAT(need.importer.names().needed,
              ElementsAre("libdep.so", "libc.so.6", "libm.so.6", "librt.so.1"));
  EXPECT_THAT(need.findings(), IsEmpty());
}

// Row 18.
TEST(RewriteNeeded, AllPartsOfAnEditHoldTogether) {
  VersionedNeed need({"-Wl,--no-as-needed", "-lm", "-lresolv", "-Wl,-soname,libimporter.so"});
  need.importer.edit(
      {.search_path = "$ORIGIN/../a/very/long/way/to/the/other/folder",
       .path_kind = elf::PathKind::kRpath,
       .soname = "libimporter-with-a-longer-name.so",
       .replace_needed = {{"libdep.so", "libdep-a34b3233.so"}, {"libresolv.so.2", "libdl.so.2"}},
       .add_needed = {"libutil.so.1"},
       .remove_needed = {"libm.so.6"}});
  EXPECT_EQ(need.importer.names(),
            (support::Names{{"libdl.so.2", "libdep-a34b3233.so", "libc.so.6", "libutil.so.1"},
                            "libimporter-with-a-longer-name.so",
                            "$ORIGIN/../a/very/long/way/to/the/other/folder",
                            {}}));
  EXPECT_THAT(need.findings(), IsEmpty());
}

// Row 18: strings that are freed and strings that are wanted, in one edit, over each other.
TEST(RewriteNeeded, FreedStringsAreNotHandedOutTwice) {
  VersionedNeed need({"-Wl,-soname,libimporter-long.so"});
  need.importer.edit({.search_path = "", .soname = "s", .replace_needed = {{"libdep.so", "d.so"}}});
  EXPECT_THAT(need.findings(), IsEmpty());
  need.importer.edit({.search_path = "/x",
                      .soname = "libimporter-long.so",
                      .replace_needed = {{"d.so", "libdep.so"}}});
  EXPECT_THAT(need.findings(), IsEmpty());
}

struct VersionLinker {
  std::string name;
  std::vector<std::string> flags;
};
void PrintTo(const VersionLinker& linker, std::ostream* out) {
  *out << linker.name;
}
class RewriteVersionDefinitions : public testing::TestWithParam<VersionLinker> {};

// Row 15: lld lays .dynstr behind the version sections; both versions of a symbol must still be
// found.
TEST_P(RewriteVersionDefinitions, AreFoundAfterwards) {
  if (GetParam().name != "bfd") NEEDS_PROGRAMS(GetParam().name);
  std::vector<std::string> flags = GetParam().flags;
  flags.push_back("-Wl,-rpath,/x");
  Specimen lib(versioned(flags));
  lib.edit({.search_path = long_text(200), .soname = "libdep-a34b3233.so"});
  EXPECT_THAT(lib.findings({"call:value@OLD_1", "call:value@NEW_2", "call:value"}), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Linkers, RewriteVersionDefinitions,
                         testing::Values(VersionLinker{"bfd", {}},
                                         VersionLinker{"ld.gold", {"-fuse-ld=gold"}},
                                         VersionLinker{"ld.lld", {"-fuse-ld=lld"}},
                                         VersionLinker{"mold", {"-fuse-ld=mold"}}),
                         [](const auto& test) {
                           return test.param.name.substr(test.param.name.find('.') + 1);
                         });

// A DT_VERDEF's base version has the SONAME as its name; the loader does not compare the two, and a
// user of the old library must go on working.
TEST(RewriteNeeded, ANewSonameDoesNotBreakThoseThatWereLinkedBefore) {
  VersionedNeed need;
  Specimen dependency(need.dependency);
  dependency.edit({.soname = "libdep-a34b3233.so"});
  fs::copy_file(dependency.file(), need.folder / "libdep.so", fs::copy_options::overwrite_existing);
  EXPECT_THAT(need.findings(), IsEmpty());
  EXPECT_THAT(dependency.findings({"call:value@OLD_1"}), IsEmpty());
}

TEST(RewriteNeeded, CxxExceptionsAreCaughtAfterwards) {
  Specimen lib({.source = R"(
#include <stdexcept>
#include <string>
struct Base { virtual ~Base() = default; virtual int value() const { return 1; } };
struct Derived : Base { int value() const override { return 2; } };
static int thrower(int depth) {
  if (depth == 0) throw std::runtime_error("deep");
  std::string guard(depth, 'x');
  return thrower(depth - 1) + (int)guard.size();
}
static std::string early = "constructed";
extern "C" int caught() {
  try { return thrower(5); } catch (const std::exception& e) { return (int)std::string(e.what()).size(); }
}
extern "C" int cast() { Base* base = new Derived; int v = dynamic_cast<Derived*>(base)->value(); delete base; return v; }
extern "C" int static_constructor() { return (int)early.size(); }
)",
                .flags = {"-Wl,-rpath,/x"},
                .compiler = "g++"});
  lib.edit(
      {.search_path = long_text(100), .soname = "libspecimen.so", .add_needed = {"libdl.so.2"}});
  EXPECT_THAT(
      lib.findings({"call:caught", "call:cast", "call:static_constructor", "thread:caught"}),
      IsEmpty());
}

}  // namespace
