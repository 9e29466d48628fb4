#include "src/nearest.h"

#include <gtest/gtest.h>

namespace spokeshave {
namespace {

TEST(DidYouMean, NamesTheCandidateWithTheFewestChangedLetters) {
  EXPECT_EQ(did_you_mean("splt", {"inspect", "split"}, "no"), "did you mean `split`?");
  EXPECT_EQ(did_you_mean("--dryrun", {"--json", "--dry-run", "--jobs"}, "no"),
            "did you mean `--dry-run`?");
  EXPECT_EQ(did_you_mean("--max-instaled-sise", {"--max-wheel-size", "--max-installed-size"}, "no"),
            "did you mean `--max-installed-size`?");
}

TEST(DidYouMean, WhatIsTooFarAwayIsNotProposed) {
  EXPECT_EQ(did_you_mean("frobnicate", {"split", "inspect"}, "see --help"), "see --help");
  EXPECT_EQ(did_you_mean("split", {}, "see --help"), "see --help");
}

TEST(DidYouMean, AmongEqualsTheFirstIsNamed) {
  EXPECT_EQ(did_you_mean("libx.so", {"liba.so", "libb.so"}, "no"), "did you mean `liba.so`?");
}

TEST(DidYouMean, ALongWordMayDifferInAQuarterOfItsLetters) {
  EXPECT_EQ(did_you_mean("libtorch_cuda_lin.so", {"libtorch_cuda_linalg.so"}, "no"),
            "did you mean `libtorch_cuda_linalg.so`?");
}

TEST(DidYouMean, WordsOfHundredsOfLettersAreNoSlipOfTheFingers) {
  const std::string kLong(100'000, 'x');
  EXPECT_EQ(did_you_mean(kLong, {kLong + "y"}, "no"), "no");
}

}  // namespace
}  // namespace spokeshave
