#include <gmock/gmock.h>

#include "src/find_problems.h"
#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::findings_of;
using support::inspection_of;
using support::LibrarySpec;
using support::WheelSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Finding> found(const std::vector<WheelSpec>& specs, FindingKind kind) {
  return findings_of(inspection_of(specs), kind);
}

TEST(FindOddRelations, OneSonameInTwoWheels) {
  const WheelSpec a = {
      .name = "a",
      .libraries = {{.path = "a/libx.so"}, {.path = "a/user.so", .needed = {"libx.so"}}}};
  WheelSpec nobody = a;
  nobody.libraries.pop_back();
  EXPECT_THAT(found({nobody, {.name = "b", .libraries = {{.path = "b/libx.so"}}}},
                    FindingKind::kSameSoname),
              IsEmpty())
      << "nobody needs the name";
  EXPECT_THAT(found({a, {.name = "b", .libraries = {{.path = "b/libx.so", .soname = "liby.so"}}}},
                    FindingKind::kSameSoname),
              IsEmpty());
  const auto findings =
      found({a, {.name = "b", .libraries = {{.path = "b/libx-2.so", .soname = "libx.so"}}}},
            FindingKind::kSameSoname);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`libx.so` is in 2 wheels: `a` and `b`");
  EXPECT_THAT(findings[0].libraries, ElementsAre(0u, 2u));
  EXPECT_THAT(findings[0].consequence, HasSubstr("loaded first"));
  EXPECT_THAT(findings[0].way_out, HasSubstr("one version"));
  EXPECT_FALSE(is_problem(findings[0].kind));
}

TEST(FindOddRelations, OneSonameTwiceInOneWheelIsItsOwnAffair) {
  EXPECT_THAT(
      found({{.name = "a", .libraries = {{.path = "a/p/libx.so"}, {.path = "a/q/libx.so"}}}},
            FindingKind::kSameSoname),
      IsEmpty());
}

TEST(FindOddRelations, NoSonameIsTheSameAsNone) {
  EXPECT_THAT(found({{.name = "a", .libraries = {{.path = "a/x.so", .without_soname = true}}},
                     {.name = "b", .libraries = {{.path = "b/x.so", .without_soname = true}}}},
                    FindingKind::kSameSoname),
              IsEmpty());
}

TEST(FindOddRelations, TwoWheelsThatInstallToOnePlace) {
  const std::vector<WheelSpec> wheels = {
      {.name = "plain", .libraries = {{.path = "cv/libx.so"}, {.path = "cv/liby.so"}}},
      {.name = "headless", .libraries = {{.path = "cv/libx.so"}, {.path = "cv/libz.so"}}}};
  const auto findings = found(wheels, FindingKind::kSamePath);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`plain` and `headless` both bring `cv/libx.so`");
  EXPECT_THAT(findings[0].libraries, ElementsAre(2u));
  EXPECT_THAT(findings[0].consequence, HasSubstr("overwrites"));
  EXPECT_THAT(findings[0].way_out, HasSubstr("one of the two"));
  EXPECT_FALSE(is_problem(findings[0].kind));
  EXPECT_THAT(findings_of(inspection_of(wheels, Layout::kSeparate), FindingKind::kSamePath),
              IsEmpty());
}

TEST(FindOddRelations, ACircle) {
  const LibrarySpec first = {.path = "a/liba.so", .needed = {"libb.so"}, .runpath = "$ORIGIN"};
  EXPECT_THAT(
      found({{.name = "a", .libraries = {first, {.path = "a/libb.so"}}}}, FindingKind::kCycle),
      IsEmpty());
  const auto findings = found(
      {{.name = "a",
        .libraries = {first, {.path = "a/libb.so", .needed = {"liba.so"}, .runpath = "$ORIGIN"}}}},
      FindingKind::kCycle);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what, "`liba.so` and `libb.so` need each other in a circle");
  EXPECT_THAT(findings[0].libraries, ElementsAre(0u, 1u));
  EXPECT_FALSE(findings[0].consequence.empty());
  EXPECT_FALSE(findings[0].way_out.empty());
}

TEST(FindOddRelations, ALibraryThatNeedsItselfIsNoCircle) {
  EXPECT_THAT(found({{.name = "a", .libraries = {{.path = "a/liba.so", .needed = {"liba.so"}}}}},
                    FindingKind::kCycle),
              IsEmpty());
}

TEST(FindOddRelations, WhatOpensItsUserByDlopenIsNoCircle) {
  EXPECT_THAT(
      found({{.name = "a",
              .libraries = {{.path = "a/liba.so", .needed = {"libb.so"}, .runpath = "$ORIGIN"},
                            {.path = "a/libb.so", .runpath = "$ORIGIN", .mentions = {"liba.so"}}}}},
            FindingKind::kCycle),
      IsEmpty());
}

/// A module of `a` that needs libraries of `b`.
std::vector<WheelSpec> user_and_used(std::vector<std::string> requirements) {
  return {{.name = "a",
           .libraries = {{.path = "a/_a.so",
                          .needed = {"libb.so"},
                          .rpath = "$ORIGIN/../b",
                          .extension_module = true}},
           .requirements = std::move(requirements)},
          {.name = "B.x", .libraries = {{.path = "b/libb.so"}}}};
}

TEST(FindOddRelations, AWheelThatNoRequirementNames) {
  EXPECT_THAT(found(user_and_used({"b-x"}), FindingKind::kUndeclaredWheel), IsEmpty());
  const auto findings = found(user_and_used({"b-y"}), FindingKind::kUndeclaredWheel);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].what,
            "`_a.so` of `a` needs `libb.so` of `B.x`, which no Requires-Dist names");
  EXPECT_EQ(findings[0].consequence, "an installation of `a` alone lacks it");
  EXPECT_EQ(findings[0].way_out, "add `Requires-Dist: B.x` to the METADATA of `a`");
  EXPECT_THAT(findings[0].libraries, ElementsAre(1u, 0u));
  EXPECT_FALSE(is_problem(findings[0].kind));
}

TEST(FindOddRelations, WhatARequirementRequiresIsInstalledToo) {
  auto wheels = user_and_used({"c"});
  wheels.push_back({.name = "c", .requirements = {"b-x"}});
  EXPECT_THAT(found(wheels, FindingKind::kUndeclaredWheel), IsEmpty());
}

TEST(FindOddRelations, RequirementsInACircleEnd) {
  auto wheels = user_and_used({"c"});
  wheels.push_back({.name = "c", .requirements = {"a", "c"}});
  EXPECT_THAT(found(wheels, FindingKind::kUndeclaredWheel), SizeIs(1));
}

TEST(FindOddRelations, SeveralNeedsOfOneWheelAreOneFinding) {
  const auto findings =
      found({{.name = "a",
              .libraries = {{.path = "a/_1.so",
                             .needed = {"libb.so", "libc1.so"},
                             .rpath = "$ORIGIN/../b",
                             .extension_module = true},
                            {.path = "a/_2.so",
                             .needed = {"libb.so"},
                             .rpath = "$ORIGIN/../b",
                             .extension_module = true}}},
             {.name = "b", .libraries = {{.path = "b/libb.so"}, {.path = "b/libc1.so"}}}},
            FindingKind::kUndeclaredWheel);
  EXPECT_THAT(findings, SizeIs(1));
}

TEST(FindOddRelations, ADlopenIsNoProofOfANeed) {
  EXPECT_THAT(
      found(
          {{.name = "a",
            .libraries = {{.path = "a/liba.so", .rpath = "$ORIGIN/../b", .mentions = {"libb.so"}}}},
           {.name = "b", .libraries = {{.path = "b/libb.so"}}}},
          FindingKind::kUndeclaredWheel),
      IsEmpty());
}

}  // namespace
}  // namespace spokeshave
