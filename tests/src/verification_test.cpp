#include "src/verification.h"

#include <gmock/gmock.h>

namespace spokeshave {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

Verification of_one_wheel() {
  Verification verification;
  verification.wheels.emplace_back().file_name = "w-1.0-py3-none-any.whl";
  return verification;
}

std::string line(const VerifyFinding& finding) {
  return finding_line(of_one_wheel(), finding);
}

TEST(FindingLine, HasFilePathWhatAndRule) {
  EXPECT_EQ(line({.rule = "record-hash", .wheel = 0, .member = "w/x.so", .what = "it differs"}),
            "w-1.0-py3-none-any.whl: w/x.so: it differs [record-hash]");
  EXPECT_EQ(line({.rule = "zip-comment", .wheel = 0, .member = "", .what = "it has a comment"}),
            "w-1.0-py3-none-any.whl: it has a comment [zip-comment]");
}

TEST(FindingLine, OfANoteSaysSoInFront) {
  EXPECT_EQ(line({.rule = "local-version",
                  .severity = Severity::kNote,
                  .wheel = 0,
                  .member = "",
                  .what = "it is local",
                  .refused_by = "PyPI"}),
            "note: w-1.0-py3-none-any.whl: it is local (refused by PyPI) [local-version]");
}

TEST(FindingLine, IsOneLineOfPrintableTextWhateverTheNames) {
  const std::string text =
      line({.rule = "record-hash", .wheel = 0, .member = "w/\x1b[2J\n.so", .what = "a\nb"});
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(FindingLine, ShowsTheFirstPlacesAndHowManyMoreThereWere) {
  VerifyFinding finding{.rule = "library-missing", .wheel = 0, .member = "w/x.so", .what = "gone"};
  for (int i = 0; i < 6; ++i) {
    finding.tried.push_back({"RUNPATH", "p" + std::to_string(i), "no such file"});
  }
  finding.not_listed = 10;
  EXPECT_THAT(line(finding), HasSubstr("gone; looked for p0 (no such file), p1 "));
  EXPECT_THAT(line(finding), EndsWith("p3 (no such file) and 12 more [library-missing]"));
}

TEST(FindingLine, NamesTheOriginalWhereItIsAboutThat) {
  Verification verification = of_one_wheel();
  verification.against.emplace().file_name = "old.whl";
  EXPECT_EQ(finding_line(verification,
                         {.rule = "member-lost", .wheel = {}, .member = "a", .what = "gone"}),
            "old.whl: a: gone [member-lost]");
}

TEST(Verification, CountsFindingsAndNotesApart) {
  Verification verification = of_one_wheel();
  verification.findings.push_back({.rule = "a", .wheel = 0, .member = "", .what = "x"});
  verification.findings.push_back(
      {.rule = "b", .severity = Severity::kNote, .wheel = 0, .member = "", .what = "x"});
  EXPECT_EQ(verification.count(Severity::kFinding), 1u);
  EXPECT_EQ(verification.count(Severity::kNote), 1u);
}

TEST(WayOutOf, IsKnownForDamageAndEmptyForTheRest) {
  EXPECT_THAT(way_out_of("record-hash"), HasSubstr("again"));
  EXPECT_EQ(way_out_of("local-version"), "");
}

// `patch` refuses to open a wheel whose RECORD is wrong.
TEST(WayOutOf, AWrongRecordIsNotPatch) {
  for (const char* rule : {"record-unlisted", "record-missing", "record-duplicate"}) {
    EXPECT_THAT(way_out_of(rule), HasSubstr("`wheel pack`"));
    EXPECT_THAT(way_out_of(rule), Not(HasSubstr("patch")));
  }
}

}  // namespace
}  // namespace spokeshave
