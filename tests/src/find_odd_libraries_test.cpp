#include <gmock/gmock.h>

#include "src/find_problems.h"
#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::findings_of;
using support::inspection_of;
using support::LibrarySpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Finding> found(const std::vector<LibrarySpec>& libraries, FindingKind kind) {
  return findings_of(inspection_of({{.name = "a", .libraries = libraries}}), kind);
}

TEST(FindOddLibraries, ABrokenLibraryIsAProblemATestFileIsNot) {
  const Inspection inspection = inspection_of(
      {{.name = "a",
        .unreadable = {{"a/broken.so", "it is cut off (offset 0x40)", true},
                       {"a/tests/broken.elf", "it is cut off (offset 0x40)", false}}}});
  const auto findings = findings_of(inspection, FindingKind::kUnreadable);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`a/broken.so` is broken: it is cut off (offset 0x40)");
  EXPECT_THAT(findings[0].way_out, HasSubstr("a-1.0-py3-none-manylinux_2_17_x86_64.whl"));
  EXPECT_TRUE(is_problem(findings[0].kind));
}

TEST(FindOddLibraries, ANameThatTheSonameDoesNotMatch) {
  const LibrarySpec user = {.path = "a/liba.so", .needed = {"libb-1f.so"}, .rpath = "$ORIGIN"};
  EXPECT_THAT(found({user, {.path = "a/libb-1f.so"}}, FindingKind::kMangledName), IsEmpty());
  const auto findings =
      found({user, {.path = "a/libb-1f.so", .soname = "libb.so"}}, FindingKind::kMangledName);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what,
            "`libb-1f.so` is needed as `libb-1f.so`, but its SONAME is `libb.so`");
  EXPECT_THAT(findings[0].consequence, HasSubstr("`liba.so`"));
  EXPECT_THAT(findings[0].way_out, HasSubstr("SONAME `libb-1f.so`"));
  EXPECT_THAT(findings[0].libraries, ElementsAre(1u, 0u));
  EXPECT_FALSE(is_problem(findings[0].kind));
}

TEST(FindOddLibraries, ANameWithAPathNeedsNoSoname) {
  EXPECT_THAT(found({{.path = "a/liba.so", .needed = {"/site-packages/a/libb.so"}},
                     {.path = "a/libb.so", .without_soname = true}},
                    FindingKind::kNoSoname),
              IsEmpty());
}

TEST(FindOddLibraries, NoSonameIsAFindingOnlyWhereAnotherLibraryNeedsIt) {
  const LibrarySpec nameless = {.path = "a/libb.so", .without_soname = true};
  EXPECT_THAT(found({{.path = "a/liba.so"}, nameless}, FindingKind::kNoSoname), IsEmpty());
  const auto findings =
      found({{.path = "a/liba.so", .needed = {"libb.so"}, .rpath = "$ORIGIN"}, nameless},
            FindingKind::kNoSoname);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`libb.so` has no SONAME");
  EXPECT_THAT(findings[0].consequence, HasSubstr("`liba.so`"));
  EXPECT_THAT(findings[0].way_out, HasSubstr("SONAME `libb.so`"));
}

TEST(FindOddLibraries, AnEmptySonameMatchesNoName) {
  std::vector<support::WheelSpec> specs = {
      {.name = "a",
       .libraries = {{.path = "a/liba.so", .needed = {"libb.so"}, .rpath = "$ORIGIN"},
                     {.path = "a/libb.so"}}}};
  auto wheels = support::inspected_wheels(specs);
  wheels[0].inventory.libraries[1].image.soname = "";
  const Inspection inspection = inspect(std::move(wheels), Layout::kSitePackages);
  const auto findings = findings_of(inspection, FindingKind::kMangledName);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].what, HasSubstr("its SONAME is ``"));
}

TEST(FindOddLibraries, BothPaths) {
  EXPECT_THAT(found({{.path = "a/liba.so", .runpath = "$ORIGIN"}}, FindingKind::kBothPaths),
              IsEmpty());
  EXPECT_THAT(found({{.path = "a/liba.so", .rpath = "$ORIGIN"}}, FindingKind::kBothPaths),
              IsEmpty());
  const auto findings = found({{.path = "a/liba.so", .rpath = "$ORIGIN/lib", .runpath = "$ORIGIN"}},
                              FindingKind::kBothPaths);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`liba.so` has a RPATH and a RUNPATH");
  EXPECT_THAT(findings[0].consequence, HasSubstr("drops the RPATH `$ORIGIN/lib`"));
  EXPECT_FALSE(findings[0].way_out.empty());
}

TEST(FindOddLibraries, AnExecutableStack) {
  EXPECT_THAT(found({{.path = "a/liba.so"}}, FindingKind::kExecutableStack), IsEmpty());
  const auto findings =
      found({{.path = "a/liba.so", .executable_stack = true}}, FindingKind::kExecutableStack);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`liba.so` wants an executable stack");
  EXPECT_THAT(findings[0].consequence, HasSubstr("dlopen"));
  EXPECT_THAT(findings[0].way_out, HasSubstr("noexecstack"));
}

/// A relocatable file (ET_REL, 1) has no program headers, and so no PT_GNU_STACK: nobody loads it.
TEST(FindOddLibraries, AnObjectFileHasNoStack) {
  EXPECT_THAT(found({{.path = "a/kernel.o", .executable_stack = true, .type = 1}},
                    FindingKind::kExecutableStack),
              IsEmpty());
}

/// glibc 2.41 refuses it to dlopen; a program that is started so still runs.
TEST(FindOddLibraries, AProgramWithAnExecutableStackFailsNoImport) {
  const auto findings = found({{.path = "a/bin/tool", .program = true, .executable_stack = true}},
                              FindingKind::kExecutableStack);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].consequence, testing::Not(HasSubstr("import")));
}

}  // namespace
}  // namespace spokeshave
