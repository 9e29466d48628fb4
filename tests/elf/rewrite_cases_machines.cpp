// Other machines: 32 bit, big endian, pages of 64K. Their cross compilers make the library, qemu
// runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "elf/error.h"
#include "tests/support/run_program.h"
#include "tests/support/specimen.h"

namespace {

using support::kRichSource;
using support::kRichSteps;
using support::long_text;
using support::Specimen;
using testing::IsEmpty;

struct Machine {
  std::string name;
  std::string triplet;
  std::string emulator;
  std::string compiler() const { return triplet + "-gcc"; }
  // The emulated ld.so reads this machine's ld.so.cache, which may know libraries for i386
  // (Debian's libc6-i386): of another release than ld.so's own libc, they hang. LD_LIBRARY_PATH
  // comes first.
  support::LoadPlan where() const {
    const std::string root = "/usr/" + triplet;
    return {.steps = {},
            .library_path = {root + "/lib"},
            .compiler = compiler(),
            .run_by = {emulator, "-L", root}};
  }
};
const Machine kAarch64{"aarch64", "aarch64-linux-gnu", "qemu-aarch64"};
const Machine kI386{"i386", "i686-linux-gnu", "qemu-i386"};
const Machine kS390x{"s390x", "s390x-linux-gnu", "qemu-s390x"};

void PrintTo(const Machine& machine, std::ostream* out) {
  *out << machine.name;
}

class RewriteMachine : public testing::TestWithParam<Machine> {
 protected:
  support::Recipe recipe(std::vector<std::string> flags) const {
    return {.source = kRichSource, .flags = std::move(flags), .compiler = GetParam().compiler()};
  }
};

#define NEEDS_MACHINE() NEEDS_PROGRAMS(GetParam().compiler(), GetParam().emulator)

// Rows 23, 43.
TEST_P(RewriteMachine, ALongerPathAndNewNames) {
  NEEDS_MACHINE();
  for (const std::string build_id : {"-Wl,--build-id=sha1", "-Wl,--build-id=none"}) {
    SCOPED_TRACE(build_id);
    Specimen lib(recipe({"-Wl,-rpath,x", build_id}));
    lib.edit(
        {.search_path = long_text(200), .soname = "libspecimen.so.1", .add_needed = {"libm.so.6"}});
    EXPECT_THAT(lib.findings(kRichSteps, GetParam().where()), IsEmpty());
    lib.edit({.search_path = long_text(300), .path_kind = elf::PathKind::kRpath});
    EXPECT_THAT(lib.findings(kRichSteps, GetParam().where()), IsEmpty());
  }
}

// Rows 2, 6, 10, 43.
TEST_P(RewriteMachine, AShorterPathAFirstPathAndNone) {
  NEEDS_MACHINE();
  Specimen lib(recipe({"-Wl,-rpath,/opt/lib:/opt/lib64"}));
  EXPECT_EQ(lib.edit({.search_path = "$ORIGIN"}).placement, elf::Placement::kInPlace);
  EXPECT_THAT(lib.findings(kRichSteps, GetParam().where()), IsEmpty());
  lib.edit({.remove_search_path = true});
  EXPECT_THAT(lib.findings(kRichSteps, GetParam().where()), IsEmpty());
  lib.edit({.search_path = long_text(100)});
  EXPECT_THAT(lib.findings(kRichSteps, GetParam().where()), IsEmpty());
}

// Rows 3, 43.
TEST_P(RewriteMachine, ASharedStringStays) {
  NEEDS_MACHINE();
  Specimen lib({.source = "int lib = 6; int value(void) { return lib; }",
                .flags = {"-Wl,-rpath,x/lib"},
                .compiler = GetParam().compiler()});
  lib.edit({.search_path = "y"});
  EXPECT_THAT(lib.findings({"call:value"}, GetParam().where()), IsEmpty());
}

// Rows 16, 17, 43: verneed's structure is the same in all classes, its byte order is not.
TEST_P(RewriteMachine, AVersionedNeedIsRenamedAndNotRemoved) {
  NEEDS_MACHINE();
  const auto dependency =
      support::build({.source = "int value(void) { return 4; }",
                      .flags = {"-Wl,--version-script,versions", "-Wl,-soname,libdep.so"},
                      .name = "libdep.so",
                      .compiler = GetParam().compiler(),
                      .files = {{"versions", "DEP_1 { global: value; };\n"}}});
  Specimen importer({.source = "int value(void); int importer(void) { return value(); }",
                     .flags = {dependency.string()},
                     .compiler = GetParam().compiler()});
  support::TempDir folder;
  for (const char* name : {"libdep.so", "libdep-a34b3233.so"})
    std::filesystem::copy(dependency, folder / name);
  auto where = GetParam().where();
  where.library_path.insert(where.library_path.begin(), folder.path().string());

  EXPECT_THROW(importer.edit({.remove_needed = {"libdep.so"}}), elf::Error);
  importer.edit({.replace_needed = {{"libdep.so", "libdep-a34b3233.so"}}});
  EXPECT_THAT(importer.findings({"call:importer"}, where), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Cross, RewriteMachine, testing::Values(kAarch64, kI386, kS390x),
                         [](const auto& test) { return test.param.name; });

// Row 23: kernels with pages of 64K cannot map a load that is congruent to 4K only.
TEST(RewriteMachinePages, OfSixtyFourKilobytesAreKeptOnAarch64) {
  NEEDS_PROGRAMS(kAarch64.compiler());
  for (const std::string build_id : {"-Wl,--build-id=sha1", "-Wl,--build-id=none"}) {
    Specimen lib({.source = kRichSource,
                  .flags = {"-Wl,-rpath,x", build_id},
                  .compiler = kAarch64.compiler()});
    lib.edit({.search_path = long_text(200)});
    const auto added = support::dump(lib.file()).loads().back();
    EXPECT_EQ((added.vaddr - added.offset) % 0x10000, 0u);
    EXPECT_LT(lib.growth(), 4096u);
    EXPECT_THAT(lib.findings(), IsEmpty());
  }
}

// A library whose linker was told 4K on a machine that may have 64K loads there only by luck; the
// new load shall not be worse.
TEST(RewriteMachinePages, OfFourKilobytesOnAarch64AreNotMadeWorse) {
  NEEDS_PROGRAMS(kAarch64.compiler(), kAarch64.emulator);
  Specimen lib({.source = kRichSource,
                .flags = {"-Wl,-rpath,x", "-Wl,-z,max-page-size=0x1000"},
                .compiler = kAarch64.compiler()});
  lib.edit({.search_path = long_text(200)});
  EXPECT_THAT(lib.findings(kRichSteps, kAarch64.where()), IsEmpty());
}

}  // namespace
