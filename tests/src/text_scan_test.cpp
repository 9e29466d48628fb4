#include "src/text_scan.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace spokeshave {
namespace {

TEST(Skip, TakesOffWhatIsWantedAndNothingElse) {
  std::string_view text = "@@ -1";
  EXPECT_TRUE(skip(text, "@@ "));
  EXPECT_EQ(text, "-1");
  EXPECT_FALSE(skip(text, "+"));
  EXPECT_EQ(text, "-1");
}

TEST(TakeNumber, TakesANumberOffThatFits) {
  std::string_view text = "-12,3";
  EXPECT_EQ(take_number<std::int64_t>(text), -12);
  EXPECT_EQ(text, ",3");
  EXPECT_EQ(take_number<std::int64_t>(text), std::nullopt);
  std::string_view large = "300";
  EXPECT_EQ(take_number<std::uint8_t>(large), std::nullopt);
  EXPECT_EQ(large, "300");
}

}  // namespace
}  // namespace spokeshave
