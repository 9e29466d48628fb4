#include "src/verify_report.h"

#include <gmock/gmock.h>

namespace spokeshave {
namespace {

using testing::HasSubstr;

Verification of_two_wheels() {
  Verification verification;
  verification.wheels.push_back({.file_name = "a-1.0-py3-none-any.whl",
                                 .is_open = true,
                                 .name = "a",
                                 .version = "1.0",
                                 .members = 1,
                                 .libraries = 2,
                                 .packed_bytes = 1000,
                                 .installed_bytes = 2000});
  verification.wheels.push_back(
      {.file_name = "b.whl", .is_open = false, .name = "", .version = ""});
  verification.hashes = 1;
  verification.needs_met = 3;
  return verification;
}

TEST(VerifyText, OfCleanWheelsSaysWhatWasLookedAt) {
  EXPECT_EQ(verify_text(of_two_wheels(), Style(false)),
            "[1] a 1.0  1.00 kB packed  2.00 kB installed  1 file, 2 libraries\n"
            "[2] b.whl: not looked into, as it cannot be opened\n"
            "checked: 1 file against RECORD; 3 needs met with all in one folder\n"
            "no findings\n");
}

TEST(VerifyText, TellsFindingsFirstTheirNumberAndEachWayOutOnce) {
  Verification verification = of_two_wheels();
  verification.layout = Layout::kSeparate;
  verification.index_rules = true;
  for (const char* member : {"x", "y"}) {
    verification.findings.push_back({.rule = "record-hash",
                                     .wheel = 0,
                                     .member = member,
                                     .what = "differs",
                                     .way_out = "mend it"});
  }
  verification.findings.push_back({.rule = "n",
                                   .severity = Severity::kNote,
                                   .wheel = 0,
                                   .member = "",
                                   .what = "so",
                                   .way_out = "never"});
  const std::string text = verify_text(verification, Style(false));
  EXPECT_THAT(text, testing::StartsWith("a-1.0-py3-none-any.whl: x: differs [record-hash]\n"
                                        "a-1.0-py3-none-any.whl: y: differs [record-hash]\n"
                                        "note: a-1.0-py3-none-any.whl: so [n]\n\n[1] a 1.0"));
  EXPECT_THAT(text, testing::EndsWith("\n2 findings, 1 note\nhint: mend it\n"));
  EXPECT_THAT(text, HasSubstr("with a folder for each wheel; the\n  rules of PyPI and uv\n"));
}

TEST(VerifyFindings, LeaveNotesOutWhereTheyAreNotWanted) {
  Verification verification = of_two_wheels();
  verification.findings.push_back(
      {.rule = "n", .severity = Severity::kNote, .wheel = 0, .member = "", .what = "so"});
  EXPECT_EQ(verify_findings(verification, false, Style(false)), "");
  EXPECT_EQ(verify_findings(verification, true, Style(false)),
            "note: a-1.0-py3-none-any.whl: so [n]\n");
}

TEST(VerifyFindings, SayTheSameWithColour) {
  Verification verification = of_two_wheels();
  verification.findings.push_back({.rule = "r", .wheel = 0, .member = "m", .what = "w"});
  EXPECT_EQ(verify_findings(verification, true, Style(true)),
            "a-1.0-py3-none-any.whl: m: w \x1b[31m[r]\x1b[0m\n");
}

}  // namespace
}  // namespace spokeshave
