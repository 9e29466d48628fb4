#include "src/failure.h"

#include <gtest/gtest.h>

namespace spokeshave {
namespace {

TEST(FailureText, IsThreeLabelledLines) {
  const Failure failure(ExitCode::kFailed, "cannot read `a.whl`",
                        "a local header is cut off (offset 0x40)", "download the wheel again");
  EXPECT_EQ(to_text(failure),
            "error: cannot read `a.whl`\n"
            "  caused by: a local header is cut off (offset 0x40)\n"
            "hint: download the wheel again\n");
  EXPECT_EQ(failure.code(), ExitCode::kFailed);
}

TEST(FailureText, ALineWithNothingToSayIsLeftOut) {
  EXPECT_EQ(to_text(Failure(ExitCode::kFailed, "`a.whl` exists already", "", "use --force")),
            "error: `a.whl` exists already\nhint: use --force\n");
  EXPECT_EQ(to_text(Failure(ExitCode::kFailed, "no", "", "")), "error: no\n");
}

TEST(FailureText, ALineEndInANameDoesNotMakeAFourthLine) {
  const Failure failure(ExitCode::kFailed, "cannot read `a\nhint: run this`", "b\rc", "d\x1b[2J");
  EXPECT_EQ(to_text(failure),
            "error: cannot read `a\\x0ahint: run this`\n"
            "  caused by: b\\x0dc\n"
            "hint: d\\x1b[2J\n");
}

TEST(Printable, ControlCharactersAreEscaped) {
  EXPECT_EQ(printable("a\tb"), "a\\x09b");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("a\x7f"), "a\\x7f");
  EXPECT_EQ(printable("libc10.so (x86-64)"), "libc10.so (x86-64)");
}

TEST(Printable, OtherLettersOfUtf8StayAsTheyAre) {
  EXPECT_EQ(printable("b\xc3\xbc\x63her/\xe6\x96\x87\xf0\x9f\x9a\xb2.so"),
            "b\xc3\xbc\x63her/\xe6\x96\x87\xf0\x9f\x9a\xb2.so");
}

// U+009B is CSI, which begins an escape sequence as ESC [ does (ECMA-48, 5.4).
TEST(Printable, TheControlCharactersAbove127AreEscapedToo) {
  EXPECT_EQ(printable("a\xc2\x9b\x32J"), "a\\xc2\\x9b2J");
  EXPECT_EQ(printable("a\xc2\x80z"), "a\\xc2\\x80z");
  EXPECT_EQ(printable("a\xc2\xa0z"), "a\xc2\xa0z");
}

TEST(Printable, BytesThatAreNoUtf8AreEscaped) {
  EXPECT_EQ(printable("a\x9b\x32J"), "a\\x9b2J");
  EXPECT_EQ(printable("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(printable("cut \xe6\x96"), "cut \\xe6\\x96");
  EXPECT_EQ(printable("overlong \xc0\x9b"), "overlong \\xc0\\x9b");
}

}  // namespace
}  // namespace spokeshave
