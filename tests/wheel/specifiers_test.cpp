#include "wheel/specifiers.h"

#include <gtest/gtest.h>

#include <string>

#include "wheel/error.h"

// tests/e2e/requirement_test.py asks packaging about many more.
namespace {

std::string refusal(const std::string& text) {
  try {
    wheel::check_specifiers(text);
  } catch (const wheel::Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(CheckSpecifiers, TakesWhatRequiresPythonHas) {
  EXPECT_EQ(refusal(">=3.8.0"), "accepted");
  EXPECT_EQ(refusal(" >= 3.8 , != 3.9.*, < 4 "), "accepted");
  EXPECT_EQ(refusal("!=3.0.*,!=3.1.*,>=2.7"), "accepted");
}

TEST(CheckSpecifiers, SaysWhatIsWrongWithAVersion) {
  EXPECT_EQ(refusal(">=3.x"), "column 3: `3.x` is not a version (PEP 440)");
  EXPECT_EQ(refusal(">=3.*"), "column 3: `3.*` ends with `.*`, which goes with == and != only");
  EXPECT_EQ(refusal("==3.0rc1.*"), "column 3: `3.0rc1.*`: `.*` follows numbers only, as in 1.2.*");
  EXPECT_EQ(refusal("<3+local"),
            "column 2: `3+local` has a local label (+...), which goes with == and != only");
  EXPECT_EQ(refusal("~=3"), "column 3: `3` has one number, and ~= asks for two or more, as in 1.0");
}

TEST(CheckSpecifiers, SaysWhatIsMissing) {
  EXPECT_EQ(refusal("3.8"),
            "column 1: expected one of ==, !=, <=, >=, <, >, ~=, ===, and a version, but `3.8` "
            "stands here");
  EXPECT_EQ(refusal(">="), "column 3: expected a version after >=, but the text ends");
  EXPECT_EQ(refusal(">=3 <4"),
            "column 5: expected a comma or the end after a specifier, but `<4` stands here");
  EXPECT_EQ(refusal("=3"), "column 1: `=` is no operator; is `==` meant?");
}

}  // namespace
