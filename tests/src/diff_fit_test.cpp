#include "src/diff_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/diffed_wheel.h"

namespace spokeshave {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string numbers(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += std::to_string(i) + "\n";
  return text;
}

/// `count` hunks that fit into numbers(1, ...), 10 lines apart, and then `last`.
std::string hunks_and(int count, const std::string& last) {
  std::string text = "--- a/a\n+++ b/a\n";
  for (int i = 1; i <= count * 10; i += 10) {
    text += "@@ -" + std::to_string(i) + ",2 +" + std::to_string(i) + ",2 @@\n " +
            std::to_string(i) + "\n-" + std::to_string(i + 1) + "\n+x\n";
  }
  return text + last;
}

std::optional<std::size_t> hopeless(const std::string& content, const std::string& diff) {
  return find_hopeless_hunk(content, read_diff(diff, "x.patch", 1).files.at(0));
}

TEST(FindHopelessHunk, IsTheOneThatNeedsALineOrAPairOfThemThatTheFileHasNot) {
  const std::string content = numbers(1, 1'000'000);
  const std::string at = "@@ -900001,3 +900001,3 @@\n";
  EXPECT_EQ(hopeless(content, hunks_and(300, "")), std::nullopt);
  EXPECT_EQ(hopeless(content, hunks_and(300, at + " a\n-900002\n+x\n b\n")), std::nullopt);
  EXPECT_EQ(hopeless(content, hunks_and(300, at + " 900001\n-other\n+x\n 900003\n")), 300u);
  EXPECT_EQ(hopeless(content, hunks_and(300, at + "-900001\n-900003\n-900005\n+x\n+y\n+z\n")),
            300u);
  EXPECT_EQ(hopeless(content, hunks_and(300, "@@ -900001,4 +900001,5 @@\n a\n b\n c\n+x\n d\n")),
            300u);  // three lines of context, of which fuzz takes two
}

TEST(FindHopelessHunk, IsNotLookedForWhereGnuPatchIsQuick) {
  EXPECT_EQ(hopeless(numbers(1, 100), "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-other\n+x\n"), std::nullopt);
}

TEST(FindHopelessHunk, ManyHunksThatDoNotFitIntoALongFileAreToldAtOnce) {
  std::string diff = "--- a/a\n+++ b/a\n";
  for (int i = 1; i <= 50'000; ++i) {
    const std::string at = std::to_string(i * 3);
    diff += "@@ -" + at + " +" + at + " @@\n-no " + at + "\n+x\n";
  }
  support::DiffedWheel wheel({{"a", {numbers(1, 2'000'000), 0100644}}});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(wheel.with("x.patch", diff).error(),
              HasSubstr("cannot apply the diff `x.patch`\n  caused by: hunk 1 of `a` expects "
                        "\"no 3\" at line 3, where \"3\" stands"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
}

}  // namespace
}  // namespace spokeshave
