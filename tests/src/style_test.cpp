#include "src/style.h"

#include <gtest/gtest.h>

namespace spokeshave {
namespace {

TEST(Wrapped, BreaksAtBlanksAndIndentsTheLaterLines) {
  EXPECT_EQ(wrapped("one two three four", 9, "  "), "one two\n  three\n  four");
}

TEST(Wrapped, ALineMayBeJustAsWideAsTold) {
  EXPECT_EQ(wrapped("1234 67890", 10, ""), "1234 67890");
  EXPECT_EQ(wrapped("1234 678901", 10, ""), "1234\n678901");
  EXPECT_EQ(wrapped("ab cdefgh 34", 8, "  "), "ab\n  cdefgh\n  34");
}

TEST(Wrapped, AWordThatIsWiderThanALineStandsAlone) {
  EXPECT_EQ(wrapped("a bbbbbbbbbbbb c", 6, "  "), "a\n  bbbbbbbbbbbb\n  c");
  EXPECT_EQ(wrapped("bbbbbbbbbbbb c", 6, ""), "bbbbbbbbbbbb\nc");
}

TEST(Wrapped, AShortTextStaysAsItIs) {
  EXPECT_EQ(wrapped("", 10, "  "), "");
  EXPECT_EQ(wrapped("one", 10, "  "), "one");
}

TEST(Style, IsLettersOnlyWhereItIsOff) {
  const Style style(false);
  EXPECT_EQ(style.bold("a") + style.dim("b") + style.red("c"), "abc");
}

TEST(Style, EndsWhatItBegan) {
  const Style style(true);
  EXPECT_EQ(style.bold("a"), "\x1b[1ma\x1b[0m");
  EXPECT_EQ(style.dim("a"), "\x1b[2ma\x1b[0m");
  EXPECT_EQ(style.red("a"), "\x1b[31ma\x1b[0m");
}

}  // namespace
}  // namespace spokeshave
