#include "wheel/flaw_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using wheel::Flaw;
using wheel::FlawLimit;

TEST(FlawLimit, TellsAHundredOfEachRuleAndThenTheRestAsOne) {
  std::vector<Flaw> told;
  FlawLimit limit([&](const Flaw& flaw) { told.push_back(flaw); });
  for (std::size_t i = 0; i < FlawLimit::kFlawsPerRule + 7; ++i) {
    limit.tell({.rule = "a", .member = "x", .what = "w"});
  }
  limit.tell({.rule = "b", .member = "x", .what = "w"});
  ASSERT_EQ(told.size(), 101u);
  EXPECT_EQ(told.back().rule, "b");
  limit.tell_rest();
  ASSERT_EQ(told.size(), 102u);
  EXPECT_EQ(told.back().rule, "a");
  EXPECT_EQ(told.back().what, "and 7 more of the same kind");
}

TEST(FlawLimit, HasNoRestToTellOfFewFlaws) {
  std::vector<Flaw> told;
  FlawLimit limit([&](const Flaw& flaw) { told.push_back(flaw); });
  limit.tell({.rule = "a", .member = "x", .what = "w"});
  limit.tell_rest();
  EXPECT_EQ(told.size(), 1u);
}

}  // namespace
