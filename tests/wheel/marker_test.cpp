#include "wheel/marker.h"

#include <gtest/gtest.h>

#include <string>

#include "wheel/error.h"

// tests/e2e/requirement_test.py asks packaging about many more.
namespace {

/// What is refused, or what is left behind the marker.
std::string refusal_or_rest(const std::string& text) {
  wheel::TextCursor cursor(text);
  try {
    wheel::read_marker(cursor);
  } catch (const wheel::Error& error) {
    return error.what();
  }
  return std::string(cursor.rest());
}

TEST(ReadMarker, ReadsUpToWhatBelongsToItNoMore) {
  EXPECT_EQ(refusal_or_rest(" (os_name == 'a' or extra == \"b\") and 'c' in sys_platform "), "");
  EXPECT_EQ(refusal_or_rest("os_name == 'a' # why"), "# why");
  EXPECT_EQ(refusal_or_rest("os_name == 'a' andy"), "andy");
}

TEST(ReadMarker, NamesTheVariablesThereAre) {
  EXPECT_EQ(refusal_or_rest("python_versio < '3'"),
            "column 1: `python_versio` is no marker variable; there are python_version, "
            "python_full_version, os_name, sys_platform, platform_release, platform_system, "
            "platform_version, platform_machine, platform_python_implementation, "
            "implementation_name, implementation_version, extra; strings stand in quotes");
}

TEST(ReadMarker, RefusesComparisonsThatNeverHold) {
  EXPECT_EQ(refusal_or_rest("python_version < 'three'"),
            "column 18: `three` is not a version that < could compare with (PEP 440)");
  EXPECT_EQ(refusal_or_rest("python_version < '3,<4'"),
            "column 18: `3,<4` is not a version that < could compare with (PEP 440)");
  EXPECT_EQ(refusal_or_rest("'3.x' <= python_full_version"),
            "column 1: `3.x` is not a version that <= could compare with (PEP 440)");
  EXPECT_EQ(refusal_or_rest("'a' == 'a'"),
            "column 1: two strings are compared; one side is a variable, the other a string");
}

TEST(ReadMarker, SaysWhereAStringThatDoesNotEndBegan) {
  EXPECT_EQ(refusal_or_rest("os_name == 'a and extra == b"),
            "column 12: the string that begins here has no closing quote");
}

}  // namespace
