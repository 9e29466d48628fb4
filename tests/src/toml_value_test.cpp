#include "src/toml_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

// toml++ does the parsing; what is tested here is what we make of it.
namespace {

using spokeshave::parse_toml;
using spokeshave::TomlArray;
using spokeshave::TomlEntry;
using spokeshave::TomlError;
using spokeshave::TomlTable;
using testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    parse_toml(text);
  } catch (const TomlError& error) {
    return "line " + std::to_string(error.line()) + ": " + error.what();
  }
  return "accepted";
}

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST(ParseToml, KeepsTheOrderOfTheTextAndItsLines) {
  const TomlTable table = parse_toml("[z]\nb = 1\na = \"x\"\n\n[a]\nc = [\n 'y',\n 'z']\n");
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table[0].key, "z");
  EXPECT_EQ(table[1].key, "a");
  EXPECT_EQ(table[1].line, 5U);
  const TomlTable& z = std::get<TomlTable>(table[0].value.value);
  EXPECT_EQ(z[0].key, "b");
  EXPECT_EQ(std::get<std::int64_t>(z[0].value.value), 1);
  EXPECT_EQ(std::get<std::string>(z[1].value.value), "x");
  EXPECT_EQ(z[1].line, 3U);
  const auto& c = std::get<TomlArray>(std::get<TomlTable>(table[1].value.value)[0].value.value);
  EXPECT_EQ(c[1].line, 8U);
}

TEST(ParseToml, KeepsTheOrderWhereTablesAreGivenInParts) {
  const TomlTable table = parse_toml("[w.z]\nk = 1\n[w.a]\nk = 2\n[v]\n[w.m]\nk = 3\n");
  EXPECT_EQ(table[0].key, "w");
  const TomlTable& w = std::get<TomlTable>(table[0].value.value);
  ASSERT_EQ(w.size(), 3U);
  EXPECT_EQ(w[0].key, "z");
  EXPECT_EQ(w[1].key, "a");
  EXPECT_EQ(w[2].key, "m");
  EXPECT_EQ(w[2].line, 6U);
}

TEST(ParseToml, WhatIsThereTwiceIsSaidWithoutAName) {
  EXPECT_EQ(refusal("[\"foo==1.0\"]\nx = 1\n[\"foo==1.0\"]\n"),
            "line 3: a table of this name is there already");
  EXPECT_EQ(refusal("[a.b]\nx = 1\n[a.b]\n"), "line 3: a table of this name is there already");
  EXPECT_EQ(refusal("[a]\nx = 1\nx = 2\n"), "line 3: this key is there already");
  EXPECT_EQ(refusal("[a]\nx = 1\n[a.x]\n"), "line 3: this key is there already");
  EXPECT_EQ(refusal("[a]\nx = 1\nx.y = 2\n"), "line 3: this key is there already");
  EXPECT_EQ(refusal("[a]\nx = { y = 1 }\n[a.x.z]\n"),
            "line 3: a key for an inline table that has ended already");
}

TEST(ParseToml, NamesTheLineOfAMistake) {
  EXPECT_THAT(refusal("[a]\nx = 1\n[b]\n[a]\n"), HasSubstr("line 4: "));
  EXPECT_THAT(refusal("a = 1\na = 2\n"), HasSubstr("line 2: "));
  EXPECT_THAT(refusal("\na = \"x\n"), HasSubstr("line 2: "));
  EXPECT_THAT(refusal("a = x\n"), HasSubstr("line 1: "));
}

TEST(ParseToml, RefusesWhatIsNoText) {
  EXPECT_NE(refusal(std::string("a = 1\n\0", 7)), "accepted");
  EXPECT_NE(refusal("a = \"\xe9\"\n"), "accepted");
  EXPECT_NE(refusal("\x7f\x45\x4c\x46\x02\x01\x01"), "accepted");
  EXPECT_NE(refusal("PK\x03\x04"), "accepted");
}

TEST(ParseToml, RefusesLettersOutsideAsciiWhereTomlHasNone) {
  EXPECT_THAT(refusal("a = 1\n\xc3\xa9 = 1\n"), HasSubstr("line 2: "));
  EXPECT_THAT(refusal("\na = 1.\"\xc3\xa9\"\n"), HasSubstr("line 2: "));
  EXPECT_THAT(refusal("a = 1979-05-27 \xc3\xa9\n"), HasSubstr("line 1: "));
  EXPECT_EQ(refusal("\xef\xbb\xbf# \xc3\xa9\n'\xc3\xa9' = \"\xc3\xa9\"\n"), "accepted");
}

TEST(ParseToml, RefusesWhatTomlAssertsByItself) {
  EXPECT_THAT(refusal("[a]\n[@]\n"), HasSubstr("line 2: "));
  EXPECT_THAT(refusal("[ ]\n"), HasSubstr("line 1: "));
}

TEST(ParseToml, BoundsHowDeepKeysNest) {
  EXPECT_EQ(refusal("[" + repeated("a.", 900) + "a]\n"), "accepted");
  EXPECT_EQ(refusal("\n[" + repeated("a.", 500'000) + "a]\n"),
            "line 2: there are over 1000 dots outside strings up to here");
  EXPECT_THAT(refusal(repeated("a.", 500'000) + "a = 1\n"), HasSubstr("over 1000 dots"));
  EXPECT_THAT(refusal(repeated("\"a\".", 250'000) + "a = 1\n"), HasSubstr("over 1000 dots"));
  EXPECT_THAT(refusal("x = '''a'''''\n" + repeated("'a'.", 2000) + "a = 1\n"),
              HasSubstr("line 2: there are over 1000 dots"));
  EXPECT_THAT(refusal("x = \"\\\"\"\n" + repeated("a.", 2000) + "a = 1\n"),
              HasSubstr("line 2: there are over 1000 dots"));
}

TEST(ParseToml, BoundsHowDeepBracketsNest) {
  EXPECT_THAT(refusal("a = " + std::string(500'000, '[')), HasSubstr("line 1: "));
  EXPECT_THAT(refusal("a = " + repeated("{a=", 300'000)), HasSubstr("line 1: "));
}

TEST(ParseToml, DoesNotCountDotsInStringsAndComments) {
  const std::string dots(2000, '.');
  EXPECT_EQ(refusal("a = \"" + dots + "\\\"" + dots + "\"\n"), "accepted");
  EXPECT_EQ(refusal("a = '" + dots + "'\n"), "accepted");
  EXPECT_EQ(refusal("a = \"\"\"\n" + dots + "\"\n" + dots + "\"\"\"\n"), "accepted");
  EXPECT_EQ(refusal("a = '''\n" + dots + "'" + dots + "'''\n"), "accepted");
  EXPECT_EQ(refusal("# it's " + dots + "\na = 1\n"), "accepted");
  EXPECT_EQ(refusal("['" + dots + "']\n"), "accepted");
}

}  // namespace
