#include "src/wheel_comparison.h"

#include <gmock/gmock.h>

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A file of this content: its hash is the content itself.
ComparedMember file(const std::string& path, const std::string& content) {
  return {.name = path,
          .path = path,
          .size = content.size(),
          .crc = static_cast<std::uint32_t>(std::hash<std::string>{}(content)),
          .mode = 0644,
          .hash = "sha256=" + content,
          .is_library = path.find(".so") != std::string::npos};
}

ComparedWheel wheel_of(std::vector<ComparedMember> members) {
  return {true, "w-1.0.dist-info", "", std::move(members)};
}

/// `moved a -> b`, `added b`, `removed a`, with the wheel's number behind it.
std::vector<std::string> told(const WheelComparison& comparison) {
  std::vector<std::string> lines;
  for (const auto& change : comparison.changes) {
    std::string line = to_string(change.kind);
    if (const auto* before = comparison.before(change)) line += " " + before->name;
    if (const auto* after = comparison.after(change)) {
      line += " -> " + after->name + " in " + std::to_string(*change.wheel);
    }
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> compare(std::vector<ComparedMember> before,
                                 std::vector<ComparedMember> after) {
  return told(compare_members(wheel_of(std::move(before)), {wheel_of(std::move(after))}));
}

TEST(CompareMembers, OfAWheelWithItselfTellsNothing) {
  const auto comparison = compare_members(wheel_of({file("a", "1"), file("b", "2")}),
                                          {wheel_of({file("b", "2"), file("a", "1")})});
  EXPECT_THAT(comparison.changes, IsEmpty());
  EXPECT_EQ(comparison.unchanged, 2u);
}

TEST(CompareMembers, TellsWhatWasAddedRemovedAndChanged) {
  EXPECT_THAT(compare({file("a", "1"), file("b", "2")}, {file("b", "3"), file("c", "4")}),
              ElementsAre("removed a", "changed b -> b in 0", "added -> c in 0"));
}

TEST(CompareMembers, TellsAFileOfTheSameContentElsewhereAsMoved) {
  EXPECT_THAT(compare({file("x/a", "1")}, {file("y/a", "1")}),
              ElementsAre("moved x/a -> y/a in 0"));
  EXPECT_THAT(compare({file("x/a", "1")}, {file("y/b", "1")}),
              ElementsAre("moved x/a -> y/b in 0"));
}

TEST(CompareMembers, PrefersTheSameFileNameWhereContentsAreAlike) {
  EXPECT_THAT(compare({file("x/a", "1"), file("x/b", "1")}, {file("y/b", "1"), file("y/a", "1")}),
              ElementsAre("moved x/a -> y/a in 0", "moved x/b -> y/b in 0"));
}

TEST(CompareMembers, DoesNotTakeEmptyFilesForEachOther) {
  EXPECT_THAT(compare({file("x/a", "")}, {file("y/b", "")}),
              ElementsAre("removed x/a", "added -> y/b in 0"));
}

TEST(CompareMembers, FindsALibraryThatWasMovedAndRewritten) {
  EXPECT_THAT(compare({file("p/lib/x.so", "1")}, {file("q/lib/x.so", "2")}),
              ElementsAre("changed p/lib/x.so -> q/lib/x.so in 0"));
  EXPECT_THAT(compare({file("p/lib/x.py", "1")}, {file("q/lib/x.py", "2")}),
              ElementsAre("removed p/lib/x.py", "added -> q/lib/x.py in 0"));
}

TEST(CompareMembers, TellsLibrariesOfOneNameApartByTheirFolders) {
  EXPECT_THAT(compare({file("p/fast/x.so", "1"), file("p/plain/x.so", "2")},
                      {file("q/plain/x.so", "3"), file("q/fast/x.so", "4")}),
              ElementsAre("changed p/fast/x.so -> q/fast/x.so in 0",
                          "changed p/plain/x.so -> q/plain/x.so in 0"));
}

TEST(CompareMembers, LooksIntoAllWheelsOfASet) {
  const auto comparison = compare_members(wheel_of({file("a", "1"), file("b", "2")}),
                                          {wheel_of({file("a", "1")}), wheel_of({file("b", "3")})});
  EXPECT_THAT(told(comparison), ElementsAre("changed b -> b in 1"));
}

TEST(CompareMembers, ComparesTheCrcWhereHashesAreOfTwoKinds) {
  ComparedMember other = file("a", "1");
  other.hash = "sha512=something";
  EXPECT_THAT(compare({file("a", "1")}, {other}), IsEmpty());
  ++other.crc;
  EXPECT_THAT(compare({file("a", "1")}, {other}), ElementsAre("changed a -> a in 0"));
}

TEST(CompareMembers, TellsAModeByItselfAndNotWhereThereIsNone) {
  ComparedMember other = file("a", "1");
  other.mode = 0755;
  EXPECT_THAT(compare({file("a", "1")}, {other}), ElementsAre("mode a -> a in 0"));
  other.mode = 0;
  EXPECT_THAT(compare({file("a", "1")}, {other}), IsEmpty());
}

TEST(CompareMembers, TellsFilesOfTwoWheelsThatHideEachOther) {
  const auto comparison = compare_members(
      wheel_of({file("a", "1")}),
      {wheel_of({file("a", "1"), file("b", "2")}), wheel_of({file("a", "9"), file("b", "2")})});
  ASSERT_THAT(comparison.conflicts, SizeIs(1));
  EXPECT_EQ(comparison.conflicts[0].wheel, 1u);
  EXPECT_EQ(comparison.conflicts[0].other_wheel, 0u);
}

TEST(CompareMembers, TellsAFoldersNewNameOnceAndOfTheMainWheelOnly) {
  ComparedWheel main = wheel_of({});
  main.dist_info = "w-2.0.dist-info";
  const auto comparison =
      compare_members(wheel_of({}), {std::move(main), {false, "libs-2.0.dist-info", "", {}}});
  ASSERT_THAT(comparison.folders, SizeIs(1));
  EXPECT_EQ(comparison.folders[0].before, "w-1.0.dist-info");
  EXPECT_EQ(comparison.folders[0].after, "w-2.0.dist-info");
}

TEST(CompareMembers, OfManyFilesWithOneContentIsNoLongWork) {
  std::vector<ComparedMember> before;
  std::vector<ComparedMember> after;
  for (int i = 0; i < 100'000; ++i) {
    before.push_back(file("x/" + std::to_string(i) + "/n.so", "1"));
    after.push_back(file("y/" + std::to_string(i) + "/m.so", "1"));
  }
  EXPECT_THAT(compare(std::move(before), std::move(after)), SizeIs(100'000));
}

}  // namespace
}  // namespace spokeshave
