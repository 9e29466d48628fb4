// The dynamic table: where a new entry comes from, what happens where there is no room, and that
// the table never moves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf/error.h"
#include "tests/support/elf_poke.h"
#include "tests/support/specimen.h"

namespace {

using elf::PathKind;
using support::kRichSource;
using support::kRichSteps;
using support::long_text;
using support::Specimen;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string refusal(Specimen& lib, const elf::Edits& edits) {
  const auto bytes = support::read_file(lib.file());
  try {
    lib.edit(edits);
  } catch (const elf::Error& error) {
    EXPECT_EQ(support::read_file(lib.file()), bytes);
    return error.what();
  }
  return "";
}

// Row 6.
TEST(RewriteDynamic, AFirstPathTakesASpareEntry) {
  Specimen lib({.source = kRichSource});
  ASSERT_EQ(lib.names().runpath, std::nullopt);
  lib.edit({.search_path = "$ORIGIN"});
  EXPECT_EQ(lib.names().runpath, "$ORIGIN");
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

TEST(RewriteDynamic, AFirstPathMayBeAnRpath) {
  Specimen lib({.source = kRichSource});
  lib.edit({.search_path = "$ORIGIN", .path_kind = PathKind::kRpath});
  EXPECT_EQ(lib.names().rpath, "$ORIGIN");
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// Row 20.
TEST(RewriteDynamic, ASonameIsSetWhereNoneWas) {
  Specimen lib({.source = kRichSource});
  ASSERT_EQ(lib.names().soname, std::nullopt);
  lib.edit({.soname = "libspecimen-a34b3233.so.1"});
  EXPECT_EQ(lib.names().soname, "libspecimen-a34b3233.so.1");
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// ld leaves five DT_NULL, of which one has to end the table.
TEST(RewriteDynamic, FourNewEntriesFitAndTheFifthIsRefused) {
  Specimen lib({.source = kRichSource});
  for (const std::string name : {"libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0"}) {
    lib.edit({.add_needed = {name}});
    EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
  }
  EXPECT_THAT(refusal(lib, {.add_needed = {"libutil.so.1"}}), Not(IsEmpty()));
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

struct Linker {
  std::string name;
  std::vector<std::string> programs;
  std::vector<std::string> flags;
};
void PrintTo(const Linker& linker, std::ostream* out) {
  *out << linker.name;
}

class RewriteFullTable : public testing::TestWithParam<Linker> {
 protected:
  static support::Recipe recipe(std::vector<std::string> more = {}) {
    more.insert(more.end(), GetParam().flags.begin(), GetParam().flags.end());
    return {.source = kRichSource, .flags = std::move(more)};
  }
};

#define NEEDS_LINKER() \
  if (!GetParam().programs.empty()) NEEDS_PROGRAMS(GetParam().programs.front())

// Row 7: .got follows at once; a table that grew would be written over it.
TEST_P(RewriteFullTable, RefusesAFirstPathWithAReason) {
  NEEDS_LINKER();
  Specimen lib(recipe());
  EXPECT_THAT(refusal(lib, {.search_path = "$ORIGIN"}), Not(IsEmpty()));
  EXPECT_THAT(refusal(lib, {.soname = "libnew.so"}), Not(IsEmpty()));
  EXPECT_THAT(refusal(lib, {.add_needed = {"libm.so.6"}}), Not(IsEmpty()));
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// Row 7: no entry is needed for what is there.
TEST_P(RewriteFullTable, ChangesWhatIsThere) {
  NEEDS_LINKER();
  Specimen lib(recipe({"-Wl,-rpath,x", "-Wl,-soname,libspecimen.so"}));
  lib.edit({.search_path = long_text(150),
            .path_kind = PathKind::kRpath,
            .soname = "lib" + long_text(40, "x") + ".so"});
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// Row 7: what one part of the edit gives up another may take.
TEST_P(RewriteFullTable, TakesTheEntryThatTheSameEditFrees) {
  NEEDS_LINKER();
  Specimen lib(recipe({"-Wl,--no-as-needed", "-lm"}));
  ASSERT_EQ(lib.names().needed.front(), "libm.so.6");
  lib.edit({.search_path = "$ORIGIN", .remove_needed = {"libm.so.6"}});
  EXPECT_EQ(lib.names().runpath, "$ORIGIN");
  EXPECT_NE(lib.names().needed.front(), "libm.so.6");
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

TEST_P(RewriteFullTable, TakesTheEntryThatAnEarlierEditFreed) {
  NEEDS_LINKER();
  Specimen lib(recipe({"-Wl,-rpath,x"}));
  lib.edit({.remove_search_path = true});
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
  lib.edit({.soname = "libspecimen.so"});
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Linkers, RewriteFullTable,
    testing::Values(Linker{"bfd", {}, {"-Wl,--spare-dynamic-tags=1"}},
                    Linker{"gold", {"ld.gold"}, {"-fuse-ld=gold", "-Wl,--spare-dynamic-tags=0"}},
                    Linker{"lld", {"ld.lld"}, {"-fuse-ld=lld"}}),
    [](const auto& test) { return test.param.name; });

// Row 27: the loader does not write into a table that it finds read-only, and nobody may make it
// writable.
TEST(RewriteDynamic, AReadOnlyTableStaysReadOnly) {
  NEEDS_PROGRAMS("ld.lld");
  Specimen lib(
      {.source = kRichSource, .flags = {"-fuse-ld=lld", "-Wl,-z,rodynamic", "-Wl,-rpath,x"}});
  ASSERT_EQ(support::dump(lib.file()).segments_of("DYNAMIC").front().flags, "R");
  lib.edit({.search_path = long_text(100)});
  EXPECT_EQ(support::dump(lib.file()).segments_of("DYNAMIC").front().flags, "R");
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

// Row 36: code that walks its own dynamic table (Firefox, start-up code) finds it by an address
// that the linker wrote down.
TEST(RewriteDynamic, CodeThatUsesDynamicFindsTheNewNames) {
  Specimen lib({.source = R"(
#include <link.h>
#include <string.h>
extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));
static const char *text(long tag) {
  const char *strings = 0;
  for (const ElfW(Dyn) *d = _DYNAMIC; d->d_tag; ++d)
    if (d->d_tag == DT_STRTAB) strings = (const char *)d->d_un.d_ptr;
  for (const ElfW(Dyn) *d = _DYNAMIC; d->d_tag; ++d)
    if (d->d_tag == tag) return strings + d->d_un.d_val;
  return "";
}
int soname_is_right(void) { return strcmp(text(DT_SONAME), "libspecimen.so") == 0; }
int needs_libc(void) { return strcmp(text(DT_NEEDED), "libc.so.6") == 0; }
int path_length(void) { return (int)strlen(text(DT_RUNPATH)); }
)",
                .flags = {"-Wl,-soname,libspecimen.so", "-Wl,-rpath,/x"}});
  lib.edit({.search_path = long_text(123)});
  EXPECT_THAT(lib.findings({"call:soname_is_right", "call:needs_libc"}), IsEmpty());
  const auto result =
      support::load_and_call({.steps = {"open:" + lib.file().string(), "call:soname_is_right",
                                        "call:needs_libc", "call:path_length"}});
  EXPECT_EQ(result.text, "opened\nsoname_is_right = 1\nneeds_libc = 1\npath_length = 123\n");
}

class RewriteProtection : public testing::TestWithParam<std::vector<std::string>> {};

// Row 26: the table lies in RELRO, written by the loader and then sealed; a new segment must not
// change what is sealed.
TEST_P(RewriteProtection, StaysAsItWas) {
  std::vector<std::string> flags = GetParam();
  flags.push_back("-Wl,-rpath,x");
  Specimen lib({.source = kRichSource, .flags = flags});
  lib.edit({.search_path = long_text(200), .soname = "libspecimen.so"});
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Relro, RewriteProtection,
    testing::Values(std::vector<std::string>{"-Wl,-z,relro,-z,now"},
                    std::vector<std::string>{"-Wl,-z,relro,-z,lazy"},
                    std::vector<std::string>{"-Wl,-z,norelro"},
                    std::vector<std::string>{"-Wl,-z,noseparate-code"},
                    std::vector<std::string>{"-Wl,-z,separate-code"},
                    std::vector<std::string>{"-Wl,-z,execstack"},
                    std::vector<std::string>{"-Wl,-z,noexecstack"},
                    std::vector<std::string>{"-Wl,-z,text,-Bsymbolic", "-Wl,-z,nodelete"},
                    std::vector<std::string>{"-Wl,--hash-style=sysv"},        // row 34
                    std::vector<std::string>{"-Wl,--hash-style=gnu"},         // row 34
                    std::vector<std::string>{"-Wl,--hash-style=both"},        // row 34
                    std::vector<std::string>{"-Wl,-z,pack-relative-relocs"},  // row 35
                    std::vector<std::string>{"-Wl,--build-id=none"},
                    std::vector<std::string>{"-Wl,--build-id=sha1",
                                             "-fcf-protection=full"},  // row 30
                    std::vector<std::string>{"-Wl,--build-id=none", "-fcf-protection=full"},
                    std::vector<std::string>{"-s"}));

// Row 35, with the section that other linkers make of it. (glibc 2.36 does not load it: lld 14
// leaves out the version that says so.)
TEST(RewriteDynamic, PackedRelocationsOfLldStay) {
  NEEDS_PROGRAMS("ld.lld");
  Specimen lib({.source = kRichSource,
                .flags = {"-fuse-ld=lld", "-Wl,--pack-dyn-relocs=relr", "-Wl,-rpath,x"}});
  lib.edit({.search_path = long_text(200)});
  EXPECT_THAT(lib.findings(), IsEmpty());
}

// patchelf's test `preserve-init`.
TEST(RewriteDynamic, DtInitStaysWithItsFunction) {
  Specimen lib(
      {.source = "int value; void start(void) { value = 9; } int result(void) { return value; }",
       .flags = {"-Wl,-init,start", "-Wl,-rpath,x"}});
  lib.edit({.search_path = long_text(100)});
  EXPECT_THAT(lib.findings({"call:result"}), IsEmpty());
}

}  // namespace
