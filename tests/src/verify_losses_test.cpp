#include "src/verify_losses.h"

#include <gmock/gmock.h>

#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::inspection_of;
using support::LibrarySpec;
using support::make_library;
using support::WheelSpec;
using testing::ElementsAre;
using testing::IsEmpty;

/// A member for each library; `content` tells states of one apart.
ComparedMember member_of(const LibrarySpec& spec, const std::string& content) {
  return {.name = spec.path,
          .path = spec.path,
          .size = 1,
          .hash = "sha256=" + content,
          .is_library = true};
}

/// The original with `before`, and the set with `after`: what differs is what differs by path or
/// by what the libraries need.
Verification compared(const std::vector<LibrarySpec>& before, const std::vector<WheelSpec>& after,
                      Layout layout = Layout::kSitePackages) {
  const auto content = [](const LibrarySpec& spec) {
    std::string text =
        std::string(file_name(spec.path)) + spec.runpath.value_or("") + spec.rpath.value_or("");
    for (const auto& need : spec.needed) text += " " + need;
    return text;
  };
  Inventory original;
  ComparedWheel old{true, "w-1.0.dist-info", "", {}};
  for (const auto& spec : before) {
    original.libraries.push_back(make_library(spec));
    old.members.push_back(member_of(spec, content(spec)));
  }
  std::vector<ComparedWheel> wheels;
  std::vector<std::size_t> numbers;
  for (const auto& wheel : after) {
    numbers.push_back(wheels.size());
    wheels.push_back({wheels.empty(), wheel.name + "-1.0.dist-info", "", {}});
    for (const auto& spec : wheel.libraries) {
      wheels.back().members.push_back(member_of(spec, content(spec)));
    }
  }
  Verification verification;
  verification.layout = layout;
  verification.against =
      OriginalComparison{"old.whl", compare_members(std::move(old), std::move(wheels)), {}};
  look_for_losses(original, inspection_of(after, layout), numbers, verification);
  return verification;
}

std::vector<std::string> told(const Verification& verification) {
  std::vector<std::string> lines;
  for (const auto& finding : verification.findings) {
    lines.push_back((finding.is_finding() ? "" : "note: ") + finding.rule + " " + finding.member);
  }
  return lines;
}

const LibrarySpec kUser = {.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"};
const LibrarySpec kUsed = {.path = "w/b.so"};

TEST(LookForLosses, TellsNothingWhereNothingChanged) {
  EXPECT_THAT(told(compared({kUser, kUsed}, {{.name = "w", .libraries = {kUser, kUsed}}})),
              IsEmpty());
}

TEST(LookForLosses, TellsALibraryThatIsGoneAndStillNeeded) {
  const auto verification = compared({kUser, kUsed}, {{.name = "w", .libraries = {kUser}}});
  EXPECT_THAT(told(verification), ElementsAre("need-lost w/a.so"));
  EXPECT_EQ(verification.findings[0].what,
            "needs `b.so`, which was w/b.so: none of the wheels has it now");
}

TEST(LookForLosses, LeavesALibraryToTheSystemThatTheSystemBrings) {
  const LibrarySpec user = {.path = "w/a.so", .needed = {"libstdc++.so.6"}, .runpath = "$ORIGIN"};
  EXPECT_THAT(
      told(compared({user, {.path = "w/libstdc++.so.6"}}, {{.name = "w", .libraries = {user}}})),
      ElementsAre("note: need-elsewhere w/a.so"));
}

TEST(LookForLosses, TellsAPathThatLeadsNowhereNow) {
  LibrarySpec astray = kUser;
  astray.runpath = "$ORIGIN/gone";
  const auto verification = compared({kUser, kUsed}, {{.name = "w", .libraries = {astray, kUsed}}});
  ASSERT_THAT(told(verification), ElementsAre("need-lost w/a.so"));
  EXPECT_EQ(verification.findings[0].tried.at(0).path, "w/gone/b.so");
}

TEST(LookForLosses, TellsNothingOfANeedThatWasDropped) {
  EXPECT_THAT(
      told(compared({kUser, kUsed},
                    {{.name = "w", .libraries = {{.path = "w/a.so", .runpath = "$ORIGIN"}}}})),
      IsEmpty());
}

TEST(LookForLosses, FollowsALibraryThatMovedToAnotherWheel) {
  LibrarySpec leads = kUser;
  leads.runpath = "$ORIGIN:$ORIGIN/../libs";
  const std::vector<WheelSpec> split = {{.name = "w", .libraries = {leads}},
                                        {.name = "libs", .libraries = {{.path = "libs/b.so"}}}};
  EXPECT_THAT(told(compared({kUser, kUsed}, split)), IsEmpty());
  const std::vector<WheelSpec> astray = {{.name = "w", .libraries = {kUser}}, split[1]};
  EXPECT_THAT(told(compared({kUser, kUsed}, astray)), ElementsAre("need-lost w/a.so"));
}

TEST(LookForLosses, ApartCountsWhatTheImportOpensFirst) {
  LibrarySpec module = kUser;
  module.extension_module = true;
  const std::vector<WheelSpec> split = {
      {.name = "w",
       .libraries = {module},
       .openers = {{.path = "w/__init__.py", .opened = {"b.so"}}}},
      {.name = "libs", .libraries = {{.path = "libs/b.so"}}}};
  EXPECT_THAT(told(compared({module, kUsed}, split, Layout::kSeparate)), IsEmpty());
  std::vector<WheelSpec> without = split;
  without[0].openers.clear();
  EXPECT_THAT(told(compared({module, kUsed}, without, Layout::kSeparate)),
              ElementsAre("need-lost w/a.so"));
}

TEST(LookForLosses, TellsALostDlopenAsANote) {
  const LibrarySpec opens = {.path = "w/a.so", .runpath = "$ORIGIN", .mentions = {"b.so"}};
  EXPECT_THAT(told(compared({opens, kUsed}, {{.name = "w", .libraries = {opens}}})),
              ElementsAre("note: need-lost w/a.so"));
}

TEST(LookForLosses, GivesBackWhatWasMissedBefore) {
  LibrarySpec astray = kUser;
  astray.runpath = "$ORIGIN/gone";
  const std::vector<WheelSpec> set = {{.name = "w", .libraries = {astray, kUsed}}};
  Inventory original;
  ComparedWheel old{true, "w-1.0.dist-info", "", {member_of(astray, "1"), member_of(kUsed, "2")}};
  ComparedWheel now = old;
  Verification verification;
  verification.against =
      OriginalComparison{"old.whl", compare_members(std::move(old), {std::move(now)}), {}};
  const Inspection inspection = inspection_of(set);
  EXPECT_THAT(look_for_losses(original, inspection, {0}, verification),
              ElementsAre(NeedKey(support::index_of(inspection, "w/a.so"), "b.so")));
  EXPECT_THAT(verification.findings, IsEmpty());
}

}  // namespace
}  // namespace spokeshave
