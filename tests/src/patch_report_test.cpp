#include "src/patch_report.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace spokeshave {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A plan for torch 2.1.2 that shows one of all.
PatchPlan plan() {
  PatchPlan plan;
  plan.filename = {"torch", "2.1.2+a", "", "cp311", "cp311", "linux_x86_64"};
  plan.requirement = "torch==2.1.2+a";
  plan.members = {
      {.name = "torch/same.py", .from = "torch/same.py"},
      {.kind = PatchedMember::Kind::kText,
       .name = "torch/__init__.py",
       .from = "torch/__init__.py",
       .changes = {"changed by a diff, 10 -> 12 bytes"}},
      {.kind = PatchedMember::Kind::kFile,
       .name = "torch/new",
       .file = "/f",
       .mode = 0755,
       .changes = {"added by /f"}},
      {.name = "torch/moved.py", .from = "torch/old.py", .changes = {"renamed from torch/old.py"}}};
  plan.removed = {"torch/gone.py"};
  plan.dropped = {"torch-2.1.2.dist-info/RECORD.jws"};
  plan.notes = {"Requires-Dist `numpy` stands there already"};
  return plan;
}

DiffOutcome diffs() {
  DiffOutcome diffs;
  diffs.diffs = {"0001-a.patch", "0002-b.patch"};
  diffs.notes = {{"0002-b.patch", "torch/__init__.py", 1, -3, 0},
                 {"0002-b.patch", "torch/__init__.py", 2, 1, 2},
                 {"0002-b.patch", "torch/__init__.py", 3, 0, 1}};
  diffs.remarks = {"0001-a.patch: a remark"};
  return diffs;
}

class PatchReport : public testing::Test {
 protected:
  PatchPlan planned = plan();
  DiffOutcome applied = diffs();
  Stage stage{"/tmp"};
  const PatchSubject subject{"torch-2.1.2-cp311-cp311-linux_x86_64.whl", 2'000'000, planned,
                             applied, stage};

  std::string text() const { return patch_text(subject, Style(false)); }
};

TEST_F(PatchReport, BeginsWithTheNewFileNameWhereItIsAnother) {
  EXPECT_THAT(text(), StartsWith("torch-2.1.2-cp311-cp311-linux_x86_64.whl ->\n"
                                 "  torch-2.1.2+a-cp311-cp311-linux_x86_64.whl\n"));
  planned.filename.version = "2.1.2";
  EXPECT_THAT(text(), StartsWith("torch-2.1.2-cp311-cp311-linux_x86_64.whl\n"));
}

TEST_F(PatchReport, TellsWhatChangesMemberByMember) {
  EXPECT_THAT(text(), HasSubstr("\nchanged\n"
                                "  torch/__init__.py\n"
                                "    changed by a diff, 10 -> 12 bytes\n"
                                "  torch/new\n"
                                "    added by /f\n"
                                "  torch/moved.py\n"
                                "    renamed from torch/old.py\n"
                                "  torch/gone.py\n"
                                "    removed\n"
                                "  torch-2.1.2.dist-info/RECORD.jws\n"
                                "    dropped: it signs the old content\n"
                                "  1 other files stay, byte for byte\n"));
}

TEST_F(PatchReport, TellsHowHunksFit) {
  EXPECT_THAT(text(), HasSubstr("\napplied\n"
                                "  0001-a.patch\n"
                                "  0002-b.patch\n"
                                "    hunk 1 of torch/__init__.py fits 3 lines above\n"
                                "    hunk 2 of torch/__init__.py fits 1 line below, with fuzz 2\n"
                                "    hunk 3 of torch/__init__.py fits with fuzz 1\n"
                                "    0001-a.patch: a remark\n"));
}

TEST_F(PatchReport, TellsWhatTheUserShouldKnow) {
  EXPECT_THAT(text(), HasSubstr("\nnote\n  Requires-Dist `numpy` stands there already\n"));
  planned.notes.clear();
  applied = {};
  EXPECT_THAT(text(), Not(HasSubstr("note")));
  EXPECT_THAT(text(), Not(HasSubstr("applied")));
}

TEST_F(PatchReport, SaysSoWhereNothingChangesOrOnlyTheFileName) {
  planned.members.resize(1);
  planned.removed.clear();
  planned.dropped.clear();
  EXPECT_THAT(text(), HasSubstr("\nchanged\n  the file name only\n  1 other files"));
  planned.filename.version = "2.1.2";
  EXPECT_THAT(text(), HasSubstr("\nchanged\n  nothing: all of it is so already\n  1 other files"));
}

TEST_F(PatchReport, IsNoWiderThan80ColumnsWhereNamesAreShort) {
  planned.members[1].changes = {"RPATH `$ORIGIN` -> RUNPATH `" + std::string("$ORIGIN:a ") +
                                "b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5 6`"};
  std::istringstream lines(text());
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST_F(PatchReport, NamesOutOfTheWheelCannotDriveTheTerminal) {
  planned.members[1].name = "torch/\x1b[2J.py";
  planned.members[1].changes = {"changed \x1b[2J"};
  planned.removed = {"\x1b[2J"};
  applied.diffs = {"\x1b[2J.patch"};
  EXPECT_THAT(text(), Not(HasSubstr("\x1b")));
}

TEST_F(PatchReport, TheEndIsWhereItIsAndHowToInstallIt) {
  const PatchResult result{
      "out/torch-2.1.2+a-cp311-cp311-linux_x86_64.whl", 1'990'000, {.members = 7, .decoded = 2}};
  EXPECT_EQ(patched_text(subject, result, Style(false)),
            "\nwritten\n  out/torch-2.1.2+a-cp311-cp311-linux_x86_64.whl\n"
            "    1.99 MB packed, was 2.00 MB\n"
            "\nproved\n  7 members against RECORD, 2 of them decoded and hashed\n"
            "\nto install\n  pip install --find-links 'out' 'torch==2.1.2+a'\n");
}

TEST_F(PatchReport, TheJsonDocumentHoldsTheSame) {
  const auto json = nlohmann::json::parse(patch_json({patched_wheel_json(subject, nullptr)}, {}));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["command"], "patch");
  const auto& wheel = json["wheels"][0];
  EXPECT_EQ(wheel["untouched"], 1);
  EXPECT_EQ(wheel["changed"].size(), 3u);
  EXPECT_EQ(wheel["changed"][0]["kind"], "text");
  EXPECT_EQ(wheel["changed"][1]["was"], nullptr);
  EXPECT_EQ(wheel["changed"][1]["mode"], 0755);
  EXPECT_EQ(wheel["changed"][2]["kind"], "kept");
  EXPECT_EQ(wheel["removed"], (std::vector<std::string>{"torch/gone.py"}));
  EXPECT_EQ(wheel["diffs"]["hunks_off"][0]["lines_off"], -3);
  EXPECT_EQ(wheel["path"], nullptr);
  EXPECT_EQ(wheel["proof"], nullptr);
}

TEST(ElfFileText, SaysWhatChangedOrThatItIsSoAlready) {
  PatchedElfFile file;
  file.path = "libx.so";
  file.changes = {"SONAME `a` -> `b`"};
  file.appended_bytes = 4096;
  EXPECT_EQ(elf_file_text(file, Style(false)),
            "libx.so\n    SONAME `a` -> `b`\n    4.10 kB appended\n");
  file = {};
  file.path = "libx.so";
  file.untouched = true;
  EXPECT_EQ(elf_file_text(file, Style(false)), "libx.so\n    is so already\n");
}

}  // namespace
}  // namespace spokeshave
