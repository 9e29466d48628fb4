#include "src/patch_plan.h"

#include <gmock/gmock.h>

#include "src/failure.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_library.h"
#include "tests/support/wheel_maker.h"
#include "wheel/deflate.h"

namespace spokeshave {
namespace {

using support::WheelMaker;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Kind = PatchedMember::Kind;
using Change = FileChange::Kind;

constexpr const char* kLibrary = "tiny/lib.so";

/// tiny 1.0 with a text, a library, and a script in .data.
WheelMaker tiny() {
  WheelMaker maker;
  maker.members = {{.name = "tiny/__init__.py", .content = "x = 1\n"},
                   {.name = kLibrary,
                    .content = "\x7f"
                               "ELF",
                    .mode = 0100755},
                   {.name = "tiny-1.0.data/scripts/run", .content = "#!", .mode = 0100755}};
  return maker;
}

class PatchPlanTest : public testing::Test {
 protected:
  PatchPlan plan(const WheelMaker& maker = tiny()) {
    support::write_file(dir_ / maker.file_name, maker.make().bytes);
    const wheel::WheelFile wheel = wheel::open_wheel((dir_ / maker.file_name).string());
    return plan_patch({wheel, request, diffs, elf_members, maker.metadata, maker.wheel});
  }

  /// What stops it: the code, then the text.
  std::string refusal(const WheelMaker& maker = tiny()) {
    try {
      plan(maker);
    } catch (const Failure& failure) {
      return std::to_string(static_cast<int>(failure.code())) + " " + to_text(failure);
    }
    return "nothing";
  }

  void change(Change kind, const std::string& path, const std::string& content,
              std::uint32_t mode = 0100644, const std::string& from = "") {
    diffs.changes.push_back({kind, path, from, {content, mode}});
  }

  PatchRequest request;
  DiffOutcome diffs;
  std::set<std::string> elf_members;

 private:
  support::TempDir dir_;
};

std::vector<std::string> names(const PatchPlan& plan) {
  std::vector<std::string> names;
  for (const auto& member : plan.members) names.push_back(member.name);
  return names;
}

const PatchedMember& at(const PatchPlan& plan, const std::string& name) {
  for (const auto& member : plan.members) {
    if (member.name == name) return member;
  }
  throw std::out_of_range(name);
}

TEST_F(PatchPlanTest, WithoutARequestEveryMemberPassesThroughButRecord) {
  const PatchPlan planned = plan();
  EXPECT_THAT(names(planned),
              ElementsAre("tiny/__init__.py", kLibrary, "tiny-1.0.data/scripts/run",
                          "tiny-1.0.dist-info/METADATA", "tiny-1.0.dist-info/WHEEL"));
  for (const auto& member : planned.members) {
    EXPECT_EQ(member.kind, Kind::kPassed);
    EXPECT_EQ(member.from, member.name);
    EXPECT_THAT(member.changes, IsEmpty());
    EXPECT_EQ(member.mode, std::nullopt);
  }
  EXPECT_EQ(to_string(planned.filename), "tiny-1.0-py3-none-any.whl");
  EXPECT_EQ(planned.requirement, "tiny==1.0");
}

TEST_F(PatchPlanTest, APreloadBlockGoesIntoWhatADiffMadeOfTheModule) {
  const std::string block = "# >>> spokeshave preload >>>\n# <<< spokeshave preload <<<";
  change(Change::kChanged, "tiny/__init__.py", "'doc'\nx = 2\n");
  request.preload = {"tiny/__init__.py", block};
  const PatchPlan planned = plan();
  EXPECT_EQ(at(planned, "tiny/__init__.py").kind, Kind::kText);
  EXPECT_EQ(at(planned, "tiny/__init__.py").text, "'doc'\n" + block + "\nx = 2\n");
  EXPECT_THAT(
      at(planned, "tiny/__init__.py").changes,
      ElementsAre("changed by a diff, 6 -> 12 bytes", "preload block put in, 12 -> 70 bytes"));
}

TEST_F(PatchPlanTest, ABlockThatIsTakenOutMayNotBeMissing) {
  request.remove_preload = true;
  EXPECT_THAT(refusal(), StartsWith("1 error: --remove-preload finds no preload block\n"));
  WheelMaker maker = tiny();
  maker.members[0].content = "# >>> spokeshave preload >>>\n# <<< spokeshave preload <<<\nx\n";
  EXPECT_EQ(at(plan(maker), "tiny/__init__.py").text, "x\n");
  request.removals = {"tiny/__init__.py"};
  EXPECT_THAT(refusal(maker), StartsWith("1 error: --remove-preload finds no preload block\n"));
}

TEST_F(PatchPlanTest, APreloadBlockNeedsItsModule) {
  request.preload = {"tiny/__init.py", ""};
  EXPECT_THAT(refusal(), AllOf(StartsWith("1 error: no preload block can be put into"),
                               HasSubstr("did you mean `tiny/__init__.py`?")));
  request.preload = {"tiny/__init__.py", ""};
  request.removals = {"tiny/__init__.py"};
  EXPECT_THAT(refusal(), StartsWith("1 error: no preload block can be put into"));
}

TEST_F(PatchPlanTest, ANewVersionRenamesDistInfoAndData) {
  request.suffix = "fix.1";
  const PatchPlan planned = plan();
  EXPECT_EQ(planned.requirement, "tiny==1.0+fix.1");
  EXPECT_THAT(names(planned),
              ElementsAre("tiny/__init__.py", kLibrary, "tiny-1.0+fix.1.data/scripts/run",
                          "tiny-1.0+fix.1.dist-info/METADATA", "tiny-1.0+fix.1.dist-info/WHEEL"));
  EXPECT_EQ(at(planned, "tiny-1.0+fix.1.dist-info/METADATA").text,
            "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0+fix.1\n");
  EXPECT_EQ(at(planned, "tiny-1.0+fix.1.data/scripts/run").kind, Kind::kPassed);
}

TEST_F(PatchPlanTest, WithoutANewVersionTheNameIsSpeltAsItWas) {
  WheelMaker maker = tiny();
  maker.file_name = "Tiny-1.0-py3-none-any.whl";
  request.metadata.requires_python = ">=3.8";
  const PatchPlan planned = plan(maker);
  EXPECT_EQ(to_string(planned.filename), maker.file_name);
  EXPECT_EQ(planned.dist_info, "tiny-1.0.dist-info");
  EXPECT_EQ(names(planned).back(), "tiny-1.0.dist-info/WHEEL");
  request.suffix = "a";
  EXPECT_EQ(to_string(plan(maker).filename), "tiny-1.0+a-py3-none-any.whl");
}

TEST_F(PatchPlanTest, DistInfoComesLastWhereverItWas) {
  WheelMaker maker = tiny();
  maker.members.insert(maker.members.begin(),
                       {.name = "tiny-1.0.dist-info/LICENSE", .content = "free"});
  EXPECT_THAT(names(plan(maker)),
              ElementsAre("tiny/__init__.py", kLibrary, "tiny-1.0.data/scripts/run",
                          "tiny-1.0.dist-info/LICENSE", "tiny-1.0.dist-info/METADATA",
                          "tiny-1.0.dist-info/WHEEL"));
}

TEST_F(PatchPlanTest, FoldersAreLeftOutAndSignaturesDropped) {
  WheelMaker maker = tiny();
  maker.members.push_back({.name = "tiny/folder/", .mode = 040755});
  maker.unlisted = {{.name = "tiny-1.0.dist-info/RECORD.jws", .content = "{}"}};
  const PatchPlan planned = plan(maker);
  EXPECT_THAT(planned.dropped, ElementsAre("tiny-1.0.dist-info/RECORD.jws"));
  EXPECT_EQ(planned.members.size(), 5u);
}

TEST_F(PatchPlanTest, WhatDiffsMakeArrives) {
  change(Change::kChanged, "tiny/__init__.py", "x = 2\n", 0100755);
  change(Change::kAdded, "tiny/new.py", "new\n");
  change(Change::kDeleted, "tiny-1.0.data/scripts/run", "");
  const PatchPlan planned = plan();
  EXPECT_EQ(at(planned, "tiny/__init__.py").text, "x = 2\n");
  EXPECT_EQ(at(planned, "tiny/__init__.py").mode, 0755u);
  EXPECT_EQ(at(planned, "tiny/new.py").kind, Kind::kText);
  EXPECT_EQ(at(planned, "tiny/new.py").from, "");
  EXPECT_THAT(planned.removed, ElementsAre("tiny-1.0.data/scripts/run"));
}

TEST_F(PatchPlanTest, ATextOfTheSameSizeAndCrcIsAnotherText) {
  ASSERT_EQ(wheel::crc32_of(std::string_view("plumless")),
            wheel::crc32_of(std::string_view("buckeroo")));
  WheelMaker maker = tiny();
  maker.members[0].content = "plumless";
  change(Change::kChanged, "tiny/__init__.py", "buckeroo");
  EXPECT_EQ(at(plan(maker), "tiny/__init__.py").text, "buckeroo");
}

TEST_F(PatchPlanTest, ARenamedFileKeepsItsPlaceAndPassesThroughWhereItsTextIsTheSame) {
  change(Change::kRenamed, "tiny/main.py", "x = 1\n", 0100644, "tiny/__init__.py");
  const PatchPlan planned = plan();
  EXPECT_EQ(names(planned).front(), "tiny/main.py");
  EXPECT_EQ(planned.members.front().kind, Kind::kPassed);
  EXPECT_EQ(planned.members.front().from, "tiny/__init__.py");
}

TEST_F(PatchPlanTest, AFileInThePlaceOfARenamedOneIsNew) {
  change(Change::kAdded, "tiny/__init__.py", "from tiny.main import *\n");
  change(Change::kRenamed, "tiny/main.py", "x = 1\n", 0100644, "tiny/__init__.py");
  const PatchPlan planned = plan();
  EXPECT_EQ(at(planned, "tiny/__init__.py").text, "from tiny.main import *\n");
  EXPECT_EQ(at(planned, "tiny/main.py").kind, Kind::kPassed);
}

TEST_F(PatchPlanTest, WhatADiffDidNotReadIsPassedThrough) {
  const DiffedFile library{"", 0100755, kLibrary};
  diffs.changes = {{Change::kRenamed, "tiny/new.so", kLibrary, {"", 0100644, kLibrary}},
                   {Change::kAdded, "tiny/copy.so", "", library},
                   {Change::kChanged, "tiny/__init__.py", "", {"", 0100600, "tiny/__init__.py"}}};
  const PatchPlan planned = plan();
  for (const char* name : {"tiny/new.so", "tiny/copy.so"}) {
    EXPECT_EQ(at(planned, name).kind, Kind::kPassed);
    EXPECT_EQ(at(planned, name).from, kLibrary);
  }
  EXPECT_THAT(at(planned, "tiny/new.so").changes,
              ElementsAre(std::string("renamed from ") + kLibrary, "mode 644"));
  EXPECT_THAT(at(planned, "tiny/copy.so").changes,
              ElementsAre(std::string("copied from ") + kLibrary + " by a diff"));
  EXPECT_EQ(at(planned, "tiny/__init__.py").kind, Kind::kPassed);
  EXPECT_THAT(at(planned, "tiny/__init__.py").changes, ElementsAre("mode 600"));
}

TEST_F(PatchPlanTest, ALibraryEditMeansTheFileThatStoodAtThePath) {
  diffs.changes = {{Change::kChanged, kLibrary, "", {"", 0100755, "tiny-1.0.data/scripts/run"}}};
  elf_members = {kLibrary};
  EXPECT_THAT(refusal(), HasSubstr("is changed twice"));
}

TEST_F(PatchPlanTest, AModeThatIsSoAlreadyIsNoChange) {
  request.modes = {{"run", 0755}, {"*.py", 0600}};
  const PatchPlan planned = plan();
  EXPECT_THAT(at(planned, "tiny-1.0.data/scripts/run").changes, IsEmpty());
  EXPECT_THAT(at(planned, "tiny/__init__.py").changes, ElementsAre("mode 600"));
}

TEST_F(PatchPlanTest, AMemberWithoutAModeHasTheDefaultOne) {
  WheelMaker maker = tiny();
  maker.members[0].mode = 0;
  request.modes = {{"*.py", 0644}};
  EXPECT_THAT(at(plan(maker), "tiny/__init__.py").changes, IsEmpty());
}

TEST_F(PatchPlanTest, AnAdditionReplacesOrStandsBehindTheOthers) {
  request.additions = {{"tiny/__init__.py", "/here/a.py"}, {"tiny/new.py", "/here/b.py"}};
  const PatchPlan planned = plan();
  EXPECT_EQ(at(planned, "tiny/__init__.py").file, "/here/a.py");
  EXPECT_THAT(at(planned, "tiny/__init__.py").changes, ElementsAre("replaced by /here/a.py"));
  EXPECT_EQ(names(planned)[3], "tiny/new.py");
}

TEST_F(PatchPlanTest, TheFirstFileInDataFollowsTheVersion) {
  WheelMaker maker = tiny();
  maker.members.pop_back();
  request.suffix = "a";
  request.additions = {{"tiny-1.0.data/scripts/new", "/f"}};
  EXPECT_EQ(at(plan(maker), "tiny-1.0+a.data/scripts/new").file, "/f");
}

TEST_F(PatchPlanTest, LibrariesGetTheirEdits) {
  elf_members = {kLibrary};
  request.library_edits = {{LibraryEdit::Kind::kSetSoname, "*.so", "lib.so.1", ""}};
  request.modes = {{"*.so", 0644}};
  const PatchPlan planned = plan();
  EXPECT_EQ(at(planned, kLibrary).kind, Kind::kLibrary);
  EXPECT_EQ(at(planned, kLibrary).edits->soname, "lib.so.1");
  EXPECT_EQ(at(planned, kLibrary).mode, 0644u);
}

TEST_F(PatchPlanTest, TagsGoIntoFileNameAndWheel) {
  request.tags = {"2", "py310", std::nullopt, "linux_x86_64"};
  const PatchPlan planned = plan();
  EXPECT_EQ(to_string(planned.filename), "tiny-1.0-2-py310-none-linux_x86_64.whl");
  EXPECT_THAT(at(planned, "tiny-1.0.dist-info/WHEEL").text,
              HasSubstr("Tag: py310-none-linux_x86_64\n"));
}

TEST_F(PatchPlanTest, AGlobThatMatchesNothingIsToldWithTheNearestName) {
  request.removals = {"__int__.py"};
  EXPECT_EQ(refusal(),
            "1 error: --remove '__int__.py' matches no file\n"
            "  caused by: none of the wheel's 6 files is called so\n"
            "hint: did you mean `__init__.py`?\n");
  request.removals = {};
  request.modes = {{"tiny/libs.so", 0644}};
  EXPECT_THAT(refusal(), HasSubstr("did you mean `tiny/lib.so`?"));
}

TEST_F(PatchPlanTest, RecordIsToldToBeWrittenAnew) {
  request.modes = {{"*RECORD", 0755}};
  EXPECT_EQ(refusal(),
            "2 error: --chmod '*RECORD' is meant for `tiny-1.0.dist-info/RECORD`\n"
            "  caused by: spokeshave writes it anew, so that it fits the wheel\n"
            "hint: choose a GLOB that matches other files\n");
  request.modes = {{"tiny-1.0.dist-info/*", 0600}};
  EXPECT_EQ(refusal(), "nothing");
}

TEST_F(PatchPlanTest, WhereALibraryGoesOrIsEditedVerifyIsNamed) {
  const auto names_verify = ElementsAre(HasSubstr("spokeshave verify --against ORIGINAL"));
  request.removals = {"__init__.py"};
  EXPECT_THAT(plan().notes, IsEmpty());
  request.removals = {"lib.so"};
  EXPECT_THAT(plan().notes, names_verify);
  request.removals = {};
  elf_members = {kLibrary};
  EXPECT_THAT(plan().notes, names_verify);
}

TEST_F(PatchPlanTest, WhatAWheelNeedsStays) {
  for (const char* glob : {"METADATA", "*/WHEEL", "*"}) {
    request.removals = {glob};
    EXPECT_THAT(refusal(), HasSubstr("without it there is no wheel")) << glob;
  }
  request.removals = {};
  for (const char* name : {"METADATA", "WHEEL"}) {
    diffs.changes.clear();
    change(Change::kDeleted, std::string("tiny-1.0.dist-info/") + name, "");
    EXPECT_THAT(refusal(), StartsWith("1 error: a diff deletes")) << name;
    diffs.changes[0] = {Change::kRenamed, "tiny/x", diffs.changes[0].path, {}};
    EXPECT_THAT(refusal(), StartsWith("1 error: a diff renames")) << name;
  }
}

TEST_F(PatchPlanTest, OneFileIsChangedOnce) {
  request.removals = {"__init__.py"};
  change(Change::kChanged, "tiny/__init__.py", "y\n");
  EXPECT_THAT(refusal(), StartsWith("2 error: `tiny/__init__.py` is changed and removed\n"));
  request.removals = {};
  request.additions = {{"tiny/__init__.py", "/f"}};
  EXPECT_THAT(refusal(), StartsWith("2 error: `tiny/__init__.py` is changed twice\n"));
  diffs.changes.clear();
  request.additions.push_back({"tiny/__init__.py", "/g"});
  EXPECT_THAT(refusal(), StartsWith("2 error: `tiny/__init__.py` is changed twice\n"));
  request.additions = {};
  request.removals = {"lib.so"};
  elf_members = {kLibrary};
  EXPECT_THAT(refusal(), StartsWith("2 error: `tiny/lib.so` is changed twice\n"));
}

TEST_F(PatchPlanTest, AModeIsForWhatStays) {
  request.removals = {"*.py"};
  request.modes = {{"__init__.py", 0600}};
  EXPECT_THAT(refusal(), StartsWith("2 error: `tiny/__init__.py` is changed and removed\n"));
  request.modes = {{"tiny/*", 0600}};
  EXPECT_EQ(at(plan(), kLibrary).mode, 0600u);
}

TEST_F(PatchPlanTest, ADiffAddsNothingThatIsThere) {
  change(Change::kRenamed, kLibrary, "x = 1\n", 0100644, "tiny/__init__.py");
  EXPECT_THAT(refusal(), StartsWith("1 error: a diff adds `tiny/lib.so`, which is there\n"));
}

TEST_F(PatchPlanTest, ADiffDoesNotChangeWhoseMetadataItIs) {
  WheelMaker maker = tiny();
  support::TempDir dir;
  support::write_file(dir / maker.file_name, maker.make().bytes);
  const wheel::WheelFile wheel = wheel::open_wheel((dir / maker.file_name).string());
  for (const std::string text : {"Metadata-Version: 2.1\nName: other\nVersion: 1.0\n",
                                 "Metadata-Version: 2.1\nName: tiny\nVersion: 1.1\n"}) {
    EXPECT_THROW(plan_patch({wheel, request, diffs, elf_members, text, maker.wheel}), Failure);
  }
}

TEST_F(PatchPlanTest, PathsThatNoMemberMayHave) {
  for (const char* path :
       {"../x", "/x", "a//b", "a/./b", "a\\b", "tiny/", "tiny", "tiny/lib.so/x",
        "other-1.0.dist-info/METADATA", "tiny-2.0.data/scripts/x", "tiny-1.0.dist-info/RECORD.jws",
        "tiny-1.0.data/foo/bar", "tiny-1.0.data/scripts", "tiny-1.0.data/scripts/folder/x",
        "tiny-1.0.data/purelib/tiny/__init__.py"}) {
    request.additions = {{path, "/f"}};
    EXPECT_THAT(refusal(), StartsWith("2 error: `")) << path;
    EXPECT_THAT(refusal(), HasSubstr("cannot be the path of a member")) << path;
  }
  for (const char* name : {"METADATA", "WHEEL", "RECORD"}) {
    request.additions = {{std::string("tiny-1.0.dist-info/") + name, "/f"}};
    EXPECT_THAT(refusal(), StartsWith("2 error: --add cannot replace")) << name;
  }
}

TEST_F(PatchPlanTest, AFileMayStandWhereARemovedFolderWas) {
  request.removals = {"tiny/*"};
  request.additions = {{"tiny", "/f"}};
  EXPECT_EQ(at(plan(), "tiny").file, "/f");
}

TEST_F(PatchPlanTest, EditsThatCannotBeAreToldBeforeAllElse) {
  request.metadata.add_requires = {"no requirement at all"};
  request.removals = {"absent"};
  EXPECT_THAT(refusal(), StartsWith("2 error: "));
}

}  // namespace
}  // namespace spokeshave
