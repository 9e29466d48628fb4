#include "src/file_mode.h"

#include <gtest/gtest.h>

#include <string>

namespace {

using spokeshave::mode_text;
using spokeshave::parse_mode;

TEST(ParseMode, TakesOctalDigitsUpTo777) {
  EXPECT_EQ(parse_mode("755"), 0755U);
  EXPECT_EQ(parse_mode("0644"), 0644U);
  EXPECT_EQ(parse_mode("400"), 0400U);
  for (const std::string text :
       {"", "778", "1000", "4755", "0x1", "-1", "+1", "7 5", "u+x", "99999999999999999999"}) {
    EXPECT_EQ(parse_mode(text), std::nullopt) << text;
  }
}

TEST(ParseMode, TakesNoneThatKeepsTheOwnerFromReading) {
  for (const std::string text : {"0", "000", "044", "355", "377"}) {
    EXPECT_EQ(parse_mode(text), std::nullopt) << text;
  }
}

TEST(ModeText, IsReadBackForEveryModeThatMayBe) {
  EXPECT_EQ(mode_text(0755), "755");
  EXPECT_EQ(mode_text(044), "044");
  for (std::uint32_t mode = 0400; mode <= 0777; ++mode) {
    EXPECT_EQ(parse_mode(mode_text(mode)), mode);
  }
}

}  // namespace
