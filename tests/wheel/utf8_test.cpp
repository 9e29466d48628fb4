#include "wheel/utf8.h"

#include <gtest/gtest.h>

#include "tests/support/run_program.h"

namespace {

using wheel::escaped;
using wheel::is_other;
using wheel::is_printable;
using wheel::is_utf8;
using wheel::next_code_point;

TEST(NextCodePoint, MovesBehindEachCharacter) {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\x88";
  std::size_t at = 0;
  EXPECT_EQ(next_code_point(text, at), 'a');
  EXPECT_EQ(next_code_point(text, at), 0xe9);
  EXPECT_EQ(next_code_point(text, at), 0x20ac);
  EXPECT_EQ(next_code_point(text, at), 0x1f308);
  EXPECT_EQ(at, text.size());
}

TEST(IsUtf8, IsStrict) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("\xc3\xa9"));
  for (const std::string text :
       {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(text)) << escaped(text);
  }
}

TEST(IsPrintable, KnowsCharactersThatAreNotSeen) {
  EXPECT_TRUE(is_printable("caf\xc3\xa9 \xf0\x9f\x8c\x88"));
  EXPECT_FALSE(is_printable("a\n"));
  EXPECT_FALSE(is_printable("\xe2\x80\x8b"));
  EXPECT_FALSE(is_printable("\xff"));
}

TEST(Escaped, ShowsBytesThatAreNotAscii) {
  EXPECT_EQ(escaped("a\xff\n"), "a\\xff\\x0a");
  EXPECT_EQ(escaped(std::string(101, 'a')), std::string(100, 'a') + "...");
}

// Python's unicodedata tells the categories: control, format and private use, and what it takes for
// no character, which may be one in a later version of Unicode.
TEST(IsOther, IsUnicodesCategoryOther) {
  const auto python = support::run_program(
      {"python3", "-c",
       "import unicodedata as u\n"
       "print(''.join({'Cc': 'c', 'Cf': 'c', 'Co': 'c', 'Cs': 'n', 'Cn': 'n'}\n"
       "              .get(u.category(chr(c)), '.') for c in range(0x110000)))\n"});
  ASSERT_EQ(python.status, 0) << python.err;
  ASSERT_EQ(python.out.size(), 0x110001u);
  for (std::int32_t c = 0; c < 0x110000; ++c) {
    const char category = python.out[static_cast<std::size_t>(c)];
    if (category != 'n') {
      EXPECT_EQ(is_other(c), category == 'c') << c;
    }
  }
  EXPECT_TRUE(is_other(0xfdd0));
  EXPECT_TRUE(is_other(0xffff));
}

}  // namespace
