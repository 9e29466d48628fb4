#include "wheel/index_report.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using wheel::IndexFlaw;
using wheel::IndexReport;
using wheel::IndexRule;
using wheel::Refusal;

TEST(IndexReport, TellsWhoRefusesAndShowsOddNamesSafely) {
  std::vector<IndexFlaw> told;
  IndexReport report([&](const IndexFlaw& flaw) { told.push_back(flaw); });
  report.tell({"a", "PyPI"}, "tiny/\xc3\xa9.py", "what");
  report.tell({"b", "uv", IndexRule::kPublication}, "tiny/\xff", "what");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].flaw.member, "tiny/\xc3\xa9.py");
  EXPECT_EQ(told[0].refused_by, "PyPI");
  EXPECT_EQ(told[0].kind, IndexRule::kForm);
  EXPECT_EQ(told[1].flaw.member, "tiny/\\xff");
  EXPECT_EQ(told[1].kind, IndexRule::kPublication);
}

TEST(IndexReport, TellsTheRestOfARuleAsOne) {
  std::vector<IndexFlaw> told;
  IndexReport report([&](const IndexFlaw& flaw) { told.push_back(flaw); });
  for (int i = 0; i < 103; ++i) {
    report.tell({"a", "PyPI and uv"}, "x", "what");
  }
  report.tell_rest();
  ASSERT_EQ(told.size(), 101u);
  EXPECT_EQ(told.back().flaw.what, "and 3 more of the same kind");
  EXPECT_EQ(told.back().refused_by, "PyPI and uv");
}

}  // namespace
