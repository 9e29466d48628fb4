// RPATH and RUNPATH: where the new string goes, who shares the old one, and what ld.so makes of it.
// Row numbers are those of the table of cases in the project's notes on ELF.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/elf_poke.h"
#include "tests/support/specimen.h"

namespace {

using elf::PathKind;
using elf::Placement;
using support::kRichSource;
using support::kRichSteps;
using support::long_text;
using support::Specimen;
using testing::HasSubstr;
using testing::IsEmpty;

Specimen rich(std::vector<std::string> flags) {
  return Specimen({.source = kRichSource, .flags = std::move(flags)});
}

// Row 1.
TEST(RewriteSearchPath, ALongerRunpathTakesEffectAndLeavesAllElseAlone) {
  Specimen lib = rich({"-Wl,-rpath,x"});
  const auto rewrite = lib.edit({.search_path = long_text(200)});
  EXPECT_EQ(lib.names().runpath, long_text(200));
  EXPECT_GT(rewrite.tail.size(), 200u);
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// Row 2.
TEST(RewriteSearchPath, AShorterRunpathIsWrittenOverTheOldOne) {
  Specimen lib = rich({"-Wl,-rpath,/a/long/folder:/another/long/folder"});
  const auto rewrite = lib.edit({.search_path = "$ORIGIN"});
  EXPECT_EQ(rewrite.placement, Placement::kInPlace);
  EXPECT_THAT(rewrite.tail, IsEmpty());
  EXPECT_EQ(lib.growth(), 0u);
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// Row 2.
TEST(RewriteSearchPath, ARunpathOfEqualLengthIsWrittenOverTheOldOne) {
  Specimen lib = rich({"-Wl,-rpath,/opt/one"});
  EXPECT_EQ(lib.edit({.search_path = "/opt/two"}).placement, Placement::kInPlace);
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// Row 2: what the linker left behind a string belongs to the next one.
TEST(RewriteSearchPath, ARunpathOneByteLongerDoesNotRunIntoTheNextString) {
  Specimen lib = rich({"-Wl,-rpath,/opt/one"});
  EXPECT_NE(lib.edit({.search_path = "/opt/one1"}).placement, Placement::kInPlace);
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

struct Shared {
  std::string name;
  std::string source;
  std::vector<std::string> flags;
};
void PrintTo(const Shared& shared, std::ostream* out) {
  *out << shared.name;
}

class RewriteSharedString : public testing::TestWithParam<Shared> {};

// Rows 3, 4, 5: the linker lets strings that end alike share their bytes.
TEST_P(RewriteSharedString, SurvivesAShorterAndALongerPath) {
  for (const std::string& path : {std::string("y"), std::string(""), long_text(100)}) {
    SCOPED_TRACE(path);
    Specimen lib({.source = GetParam().source, .flags = GetParam().flags});
    EXPECT_NE(lib.edit({.search_path = path}).placement, Placement::kInPlace);
    EXPECT_THAT(lib.findings(), IsEmpty());
  }
}

TEST_P(RewriteSharedString, SurvivesRemovalOfThePath) {
  Specimen lib({.source = GetParam().source, .flags = GetParam().flags});
  lib.edit({.remove_search_path = true});
  EXPECT_THAT(lib.findings(), IsEmpty());
}

const std::string kPlain = "#include <stdlib.h>\nint value(void) { return getenv(\"PATH\") != 0; }";
INSTANTIATE_TEST_SUITE_P(
    TailMerged, RewriteSharedString,
    testing::Values(
        Shared{"symbol_is_suffix_of_path",
               "int lib; int value(void) { return lib; }",
               {"-Wl,-rpath,x/lib"}},
        Shared{"path_is_suffix_of_symbol",
               "int my_lib; int value(void) { return my_lib; }",
               {"-Wl,-rpath,lib"}},
        Shared{"path_is_symbol", "int lib; int value(void) { return lib; }", {"-Wl,-rpath,lib"}},
        Shared{"undefined_symbol",
               "extern int lib; int value(void) { return lib; }",
               {"-Wl,-rpath,x/lib"}},
        Shared{"soname_is_suffix_of_path", kPlain, {"-Wl,-rpath,x/libs.so", "-Wl,-soname,libs.so"}},
        Shared{"path_is_suffix_of_soname", kPlain, {"-Wl,-rpath,libs.so", "-Wl,-soname,x/libs.so"}},
        Shared{"needed", kPlain, {"-Wl,-rpath,x/libc.so.6"}},
        Shared{"version_needed", kPlain, {"-Wl,-rpath,x/GLIBC_2.2.5"}},
        Shared{"version_file", kPlain, {"-Wl,-rpath,c.so.6"}},
        Shared{"version_defined",
               kPlain,
               {"-Wl,-rpath,x/linker", "-Wl,--default-symver", "-Wl,-soname,linker"}},
        Shared{"auxiliary", kPlain, {"-Wl,-rpath,x/aux.so", "-Wl,-f,aux.so"}},
        Shared{"filter", kPlain, {"-Wl,-rpath,x/filter.so", "-Wl,-F,filter.so"}},
        Shared{"audit", kPlain, {"-Wl,-rpath,x/audit.so", "-Wl,--audit=audit.so"}},
        Shared{"depaudit", kPlain, {"-Wl,-rpath,x/audit.so", "-Wl,--depaudit=audit.so"}}),
    [](const auto& test) { return test.param.name; });

// Rows 3, 4: the other strings that an edit leaves behind are shared in the same way.
TEST(RewriteSearchPath, ASonameThatEndsInASymbolLeavesTheSymbolAlone) {
  Specimen lib(
      {.source = "int so; int value(void) { return so; }", .flags = {"-Wl,-soname,libold.so"}});
  lib.edit({.soname = "libx.y"});
  EXPECT_THAT(lib.findings({"call:value"}), IsEmpty());
}

// Row 8.
TEST(RewriteSearchPath, AnRpathBecomesARunpathAndBackByItsTagAlone) {
  Specimen lib = rich({"-Wl,--disable-new-dtags,-rpath,/opt/lib"});
  ASSERT_EQ(lib.names().rpath, "/opt/lib");
  const auto there = lib.edit({.path_kind = PathKind::kRunpath});
  EXPECT_EQ(lib.names().runpath, "/opt/lib");
  EXPECT_THAT(there.tail, IsEmpty());
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
  const auto back = lib.edit({.path_kind = PathKind::kRpath});
  EXPECT_THAT(back.tail, IsEmpty());
  EXPECT_EQ(support::read_file(lib.file()), support::read_file(lib.before()));
}

// Row 8.
TEST(RewriteSearchPath, KindAndValueChangeTogether) {
  Specimen lib = rich({"-Wl,--disable-new-dtags,-rpath,/opt/lib"});
  lib.edit({.search_path = "$ORIGIN/../lib", .path_kind = PathKind::kRunpath});
  EXPECT_EQ(lib.names().rpath, std::nullopt);
  EXPECT_EQ(lib.names().runpath, "$ORIGIN/../lib");
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// Row 8.
TEST(RewriteSearchPath, ANewValueKeepsTheKindThatIsThere) {
  Specimen lib = rich({"-Wl,--disable-new-dtags,-rpath,/opt/lib"});
  lib.edit({.search_path = "/opt"});
  EXPECT_EQ(lib.names().rpath, "/opt");
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

void add_rpath(const std::filesystem::path& file) {
  support::ElfPoke poke(file);
  const auto runpath = poke.dynamic(29);
  const auto spare = poke.dynamic(0);  // the DT_NULL behind it ends the table from now on
  poke.put(spare, 8, 15).put(spare + 8, 8, poke.get(runpath + 8, 8) + 5).save();
}

// Row 9: ld.so ignores the RPATH where there is a RUNPATH; it must not come alive by an edit.
TEST(RewriteSearchPath, OfBothPathsExactlyOneIsLeft) {
  const support::Recipe recipe{.source = kRichSource, .flags = {"-Wl,-rpath,/opt/lib"}};
  const auto needed = support::names_of(support::build(recipe)).needed;
  const std::vector<std::pair<elf::Edits, support::Names>> cases{
      {{.search_path = "/x"}, {needed, {}, {}, "/x"}},
      {{.search_path = "/x", .path_kind = PathKind::kRpath}, {needed, {}, "/x", {}}},
      {{.search_path = long_text(99)}, {needed, {}, {}, long_text(99)}},
      {{.path_kind = PathKind::kRunpath}, {needed, {}, {}, "/opt/lib"}},
      {{.path_kind = PathKind::kRpath}, {needed, {}, "/opt/lib", {}}},
      {{.remove_search_path = true}, {needed, {}, {}, {}}},
  };
  for (const auto& [edits, names] : cases) {
    Specimen lib(recipe, add_rpath);
    ASSERT_EQ(lib.names(), (support::Names{needed, {}, "lib", "/opt/lib"}));
    lib.edit(edits);
    EXPECT_EQ(lib.names(), names);
    EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
  }
}

// Row 10.
TEST(RewriteSearchPath, AnEmptyPathIsAllowed) {
  Specimen lib = rich({"-Wl,-rpath,/opt/lib"});
  EXPECT_THAT(lib.edit({.search_path = ""}).tail, IsEmpty());
  EXPECT_EQ(lib.names().runpath, "");
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// Row 10.
TEST(RewriteSearchPath, ARemovedPathIsGoneAndCanBeSetAgain) {
  Specimen lib = rich({"-Wl,-rpath,/opt/lib"});
  EXPECT_THAT(lib.edit({.remove_search_path = true}).tail, IsEmpty());
  EXPECT_EQ(lib.names().runpath, std::nullopt);
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
  lib.edit({.search_path = "/opt/lib"});
  EXPECT_EQ(lib.names().runpath, "/opt/lib");
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// Row 44.
TEST(RewriteSearchPath, AnEditThatChangesNothingIsEmpty) {
  Specimen lib = rich({"-Wl,-rpath,/opt/lib", "-Wl,-soname,libspecimen.so"});
  const std::vector<elf::Edits> no_ops{{},
                                       {.search_path = "/opt/lib"},
                                       {.search_path = "/opt/lib", .path_kind = PathKind::kRunpath},
                                       {.path_kind = PathKind::kRunpath},
                                       {.soname = "libspecimen.so"},
                                       {.add_needed = {"libc.so.6"}},
                                       {.replace_needed = {{"libabsent.so", "libpresent.so"}}},
                                       {.replace_needed = {{"libc.so.6", "libc.so.6"}}},
                                       {.remove_needed = {"libabsent.so"}}};
  for (const elf::Edits& edits : no_ops) {
    const auto rewrite = lib.edit(edits);
    EXPECT_TRUE(rewrite.empty());
    EXPECT_EQ(rewrite.placement, Placement::kNone);
  }
  EXPECT_EQ(support::read_file(lib.file()), support::read_file(lib.before()));
}

TEST(RewriteSearchPath, AFileWithoutAPathStaysSoWhereOnlyTheKindIsAskedFor) {
  Specimen lib = rich({});
  EXPECT_TRUE(lib.edit({.path_kind = PathKind::kRunpath}).empty());
  EXPECT_TRUE(lib.edit({.remove_search_path = true}).empty());
}

// The hostile note's case: as long as a path may be in practice.
TEST(RewriteSearchPath, APathOfSixtyThousandCharactersWorks) {
  Specimen lib = rich({"-Wl,-rpath,x"});
  lib.edit({.search_path = long_text(60000)});
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

TEST(RewriteSearchPath, ContradictionsAreRefusedBeforeTheFileIsLookedAt) {
  Specimen lib = rich({"-Wl,-rpath,x"});
  const std::vector<elf::Edits> contradictions{
      {.search_path = "a", .remove_search_path = true},
      {.search_path = std::string("a\0b", 3)},
      {.soname = ""},
      {.soname = std::string("a\0b", 3)},
      {.replace_needed = {{"a", "b"}, {"a", "c"}}},
      {.replace_needed = {{"a", "b"}}, .remove_needed = {"a"}},
      {.replace_needed = {{"a", ""}}},
      {.add_needed = {""}},
      {.add_needed = {std::string("\0", 1)}}};
  for (const elf::Edits& edits : contradictions)
    EXPECT_THROW(lib.edit(edits), std::invalid_argument);
}

}  // namespace
