#include "src/verify_loading.h"

#include <gmock/gmock.h>

#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::index_of;
using support::inspection_of;
using support::WheelSpec;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Verification checked(const Inspection& inspection, const std::set<NeedKey>& missed_before = {}) {
  Verification verification;
  check_loading(inspection, {0, 1}, missed_before, verification);
  return verification;
}

const std::vector<WheelSpec> kMissing = {{.name = "w",
                                          .libraries = {{.path = "w/_c.so",
                                                         .needed = {"libx.so"},
                                                         .runpath = "$ORIGIN/lib",
                                                         .extension_module = true},
                                                        {.path = "w/away/libx.so"}}}};

TEST(CheckLoading, CountsWhatIsMetInTheSetAndOutsideOfIt) {
  const auto verification = checked(inspection_of(
      {{.name = "w",
        .libraries = {{.path = "w/a.so", .needed = {"b.so", "libc.so.6"}, .runpath = "$ORIGIN"},
                      {.path = "w/b.so"}}}}));
  EXPECT_THAT(verification.findings, IsEmpty());
  EXPECT_EQ(verification.needs_met, 2u);
}

TEST(CheckLoading, TellsForWhomAndWhereItWasLookedFor) {
  const auto verification = checked(inspection_of(kMissing));
  ASSERT_THAT(verification.findings, SizeIs(1));
  const VerifyFinding& finding = verification.findings[0];
  EXPECT_TRUE(finding.is_finding());
  EXPECT_EQ(finding.rule, "library-missing");
  EXPECT_EQ(finding.member, "w/_c.so");
  EXPECT_EQ(finding.wheel, 0u);
  EXPECT_THAT(finding.what, HasSubstr("`libx.so` will be missing"));
  ASSERT_THAT(finding.tried, SizeIs(2));
  EXPECT_EQ(finding.tried[0].path, "w/lib/libx.so");
  EXPECT_THAT(finding.way_out, HasSubstr("w/away/libx.so"));
}

TEST(CheckLoading, TellsWhatTheOriginalMissesTooAsANote) {
  const Inspection inspection = inspection_of(kMissing);
  const auto old = checked(inspection, {{index_of(inspection, "w/_c.so"), "libx.so"}});
  ASSERT_THAT(old.findings, SizeIs(1));
  EXPECT_FALSE(old.findings[0].is_finding());
  EXPECT_THAT(old.findings[0].what, EndsWith("; so it is in the original"));
  EXPECT_TRUE(
      checked(inspection, {{index_of(inspection, "w/_c.so"), "liby.so"}}).findings[0].is_finding());
}

TEST(CheckLoading, TellsNothingOfOtherWarnings) {
  EXPECT_THAT(
      checked(inspection_of(
                  {{.name = "w", .libraries = {{.path = "w/a.so", .runpath = "$ORIGIN/nowhere"}}}}))
          .findings,
      IsEmpty());
}

}  // namespace
}  // namespace spokeshave
