#include "src/python_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "src/failure.h"

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The place is shown in the text: `first|rest`.
std::string split(const std::string& source) {
  std::string shown = source;
  return shown.insert(first_statement_offset(source), "|");
}

std::string cause(std::string_view source) {
  try {
    first_statement_offset(source);
  } catch (const Failure& failure) {
    return failure.cause();
  }
  return "no failure";
}

TEST(FirstStatementOffset, WithoutDocstringItIsTheLineOfTheFirstStatement) {
  EXPECT_EQ(split("import os\n"), "|import os\n");
  EXPECT_EQ(split("#!/usr/bin/env python\n# -*- coding: latin-1 -*-\n\n# why\nimport os\n"),
            "#!/usr/bin/env python\n# -*- coding: latin-1 -*-\n\n# why\n|import os\n");
  EXPECT_EQ(split("\xEF\xBB\xBFimport os\n"), "\xEF\xBB\xBF|import os\n");
  EXPECT_EQ(split("\f\n\t# x\n\fimport os\n"), "\f\n\t# x\n|\fimport os\n");
}

TEST(FirstStatementOffset, WithoutStatementsItIsTheEnd) {
  for (const std::string source :
       {"", "\n", "# only this\n", "# only this", "#!x\n  ", "\xEF\xBB\xBF"})
    EXPECT_EQ(first_statement_offset(source), source.size()) << source;
}

TEST(FirstStatementOffset, ItIsBehindADocstringOfAnyQuoting) {
  EXPECT_EQ(split("'doc'\nx\n"), "'doc'\n|x\n");
  EXPECT_EQ(split("\"\"\"two\nlines # \"no\\\"\"\" comment\"\"\" # one\nx\n"),
            "\"\"\"two\nlines # \"no\\\"\"\" comment\"\"\" # one\n|x\n");
  EXPECT_EQ(split("r'''a\\'''b''' \nx"), "r'''a\\'''b''' \n|x");
  EXPECT_EQ(split("R\"\\\\\"\nx"), "R\"\\\\\"\n|x");
  EXPECT_EQ(split("u'doc'\nx"), "u'doc'\n|x");
  EXPECT_EQ(split("'a\\\nb'\nx"), "'a\\\nb'\n|x");
  EXPECT_EQ(split("''\nx"), "''\n|x");
}

TEST(FirstStatementOffset, JoinedAndBracketedLiteralsAreADocstring) {
  EXPECT_EQ(split("'a' \"b\" \\\n 'c'\nx"), "'a' \"b\" \\\n 'c'\n|x");
  EXPECT_EQ(split("('a' # one\n  'b'\n)\nx"), "('a' # one\n  'b'\n)\n|x");
  EXPECT_EQ(split("(((\n'a')))\nx"), "(((\n'a')))\n|x");
  EXPECT_EQ(split("\\\n'a'\nx"), "\\\n'a'\n|x");
}

TEST(FirstStatementOffset, OtherExpressionsWithStringsAreNoDocstring) {
  for (const std::string source :
       {"b'bytes'\n", "f'{x}'\n", "f'{\"a\"}'\n", "rb'x'\n", "'doc'.strip()\n", "'a' + 'b'\n",
        "'a', 'b'\n", "('a',)\n", "('a')('b')\n", "('a').x\n", "'a' % 1\n", "'a' if x else 'b'\n",
        "['a']\n", "()\n", "('a' b'c')\n", "'doc' f'{x}'\n", "x = 'a'\n", "1\n", "...\n"})
    EXPECT_EQ(first_statement_offset(source), 0u) << source;
}

TEST(FirstStatementOffset, ItIsBehindAllFutureImports) {
  EXPECT_EQ(split("from __future__ import annotations\nx"),
            "from __future__ import annotations\n|x");
  EXPECT_EQ(
      split("'doc'\n\n# c\nfrom __future__ import (a, # )\n  b as c,\n)\n\n"
            "from \\\n __future__ \\\n import d; from __future__ import e;\n# c\nimport os\n"),
      "'doc'\n\n# c\nfrom __future__ import (a, # )\n  b as c,\n)\n\n"
      "from \\\n __future__ \\\n import d; from __future__ import e;\n|# c\nimport os\n");
  EXPECT_EQ(split("'doc';from __future__ import a\nx"), "'doc';from __future__ import a\n|x");
}

TEST(FirstStatementOffset, LookAlikesOfFutureImportsEndTheHead) {
  EXPECT_EQ(split("from .__future__ import a\n"), "|from .__future__ import a\n");
  EXPECT_EQ(split("import __future__\n"), "|import __future__\n");
  EXPECT_EQ(split("'doc'\n'no docstring'\nx"), "'doc'\n|'no docstring'\nx");
}

TEST(FirstStatementOffset, AFileMayEndBehindTheHead) {
  EXPECT_EQ(split("'doc'"), "'doc'|");
  EXPECT_EQ(split("'doc'; # c"), "'doc'; # c|");
  EXPECT_EQ(split("'doc'\n"), "'doc'\n|");
  EXPECT_EQ(split("'doc'\n   "), "'doc'\n|   ");
  EXPECT_EQ(split("from __future__ import a"), "from __future__ import a|");
}

TEST(FirstStatementOffset, EveryLineEndingCounts) {
  EXPECT_EQ(split("# c\r'doc'\rx\r"), "# c\r'doc'\r|x\r");
  EXPECT_EQ(split("# c\r\n'do\\\r\nc'\r\nx\r\n"), "# c\r\n'do\\\r\nc'\r\n|x\r\n");
  EXPECT_EQ(split("'doc'\\\r;\r\n\rx"), "'doc'\\\r;\r\n|\rx");
}

// In Shift-JIS, Big5 and GBK the second byte of a character may be a backslash or a brace.
TEST(FirstStatementOffset, SecondBytesOfCharactersAreNotTakenForBackslashes) {
  EXPECT_EQ(split("# coding: shift_jis\n'\x95\x5C'\nx"), "# coding: shift_jis\n'\x95\x5C'\n|x");
  EXPECT_EQ(split("\n# coding=cp950\n'\xA5\x5C'\nx"), "\n# coding=cp950\n'\xA5\x5C'\n|x");
  EXPECT_EQ(split("# vim:fileencoding=GBK :\n'\x81\x5C'\nx"),
            "# vim:fileencoding=GBK :\n'\x81\x5C'\n|x");
  // 0xB1 is a whole character of Shift-JIS; so the backslash is one.
  EXPECT_EQ(split("# coding: sjis\n'\xB1\x5C''\nx"), "# coding: sjis\n'\xB1\x5C''\n|x");
  // Latin-1 has no such characters, and a declaration in the third line is none.
  EXPECT_EQ(split("# coding: latin-1\n'\x95\x5C''\nx"), "# coding: latin-1\n'\x95\x5C''\n|x");
  EXPECT_EQ(split("\n\n# coding: gbk\n'\x81\x5C''\nx"), "\n\n# coding: gbk\n'\x81\x5C''\n|x");
}

TEST(FirstStatementOffset, WhatDoesNotScanIsRefusedWithItsLine) {
  EXPECT_EQ(cause("# c\n'''never\nended\n"), "line 2: a string that does not end");
  EXPECT_EQ(cause("'doc\n'\n"), "line 1: a string that does not end");
  EXPECT_EQ(cause("'doc\\"), "line 1: a string that does not end");
  EXPECT_THAT(cause("# coding: utf-7\nx\n"), HasSubstr("encoding"));
  EXPECT_THAT(cause("# coding: iso2022_jp\nx\n"), HasSubstr("encoding"));
}

TEST(FirstStatementOffset, AStatementOnTheDocstringsLineLeavesNoPlace) {
  EXPECT_EQ(cause("\n'doc'; import os\n"), "line 2: a statement follows on the same line");
  EXPECT_EQ(cause("from __future__ import a; x = 1\n"),
            "line 1: a statement follows on the same line");
}

TEST(LineEnding, TheMostFrequentOneWins) {
  EXPECT_EQ(line_ending(""), "\n");
  EXPECT_EQ(line_ending("one line"), "\n");
  EXPECT_EQ(line_ending("a\nb\r\nc\r\n"), "\r\n");
  EXPECT_EQ(line_ending("a\rb\r\nc\r"), "\r");
  EXPECT_EQ(line_ending("a\nb\r\nc\r\nd\n"), "\n");
}

TEST(StringLiterals, ValuesOfEveryKindComeInOrder) {
  EXPECT_THAT(string_literals("x = 'a', \"\"\"b\n\"c\"\"\", rb'\\d' # 'e'\nf(u\"\" R'f' 'g\\'h')"),
              ElementsAre("a", "b\n\"c", "\\d", "", "f", "g\\'h"));
}

TEST(StringLiterals, FieldsOfFormattedStringsAreCode) {
  EXPECT_THAT(string_literals("f'{x}/lib{n:>{w}}.so'"), ElementsAre("{x}/lib{n:>{w}}.so"));
  // PEP 701: the same quotes again, comments and line ends inside the braces.
  EXPECT_THAT(string_literals("f\"{a[\"k\"]}\" 'z'"), ElementsAre("k", "{a[\"k\"]}", "z"));
  EXPECT_THAT(string_literals("f'''{\n x # '''\n}''' 'z'"), ElementsAre("{\n x # '''\n}", "z"));
  EXPECT_THAT(string_literals("f'{{\"' 'z'"), ElementsAre("{{\"", "z"));
  EXPECT_THAT(string_literals("f'{x!r:\"^{y}\"}' 'z'"), ElementsAre("{x!r:\"^{y}\"}", "z"));
  EXPECT_THAT(string_literals("f'\\N{DASH}{d[\"}\"]}' 'z'"),
              ElementsAre("}", "\\N{DASH}{d[\"}\"]}", "z"));
  EXPECT_THAT(string_literals("rf'\\{x}' fr'\\N{y}' t'{z}'"),
              ElementsAre("\\{x}", "\\N{y}", "{z}"));
  EXPECT_THAT(string_literals("rf'\\{d['k']}' 'z'"), ElementsAre("k", "\\{d['k']}", "z"));
  EXPECT_THAT(string_literals("f'{x:%H:%M}{ {1: \"b\"}[1] }' 'z'"),
              ElementsAre("b", "{x:%H:%M}{ {1: \"b\"}[1] }", "z"));
}

TEST(StringLiterals, NamesThatEndInALetterOfAPrefixAreNoPrefix) {
  EXPECT_THAT(string_literals("1if'a'else'b'"), ElementsAre("a", "b"));
  EXPECT_THAT(string_literals("x or'{'in y"), ElementsAre("{"));
}

TEST(StringLiterals, WhatDoesNotScanGivesWhatCameBefore) {
  EXPECT_THAT(string_literals("'a' 'b\n'c'"), ElementsAre("a"));
  EXPECT_THAT(string_literals("'a' '''b"), ElementsAre("a"));
  EXPECT_THAT(string_literals("'a' f'{x:'"), ElementsAre("a"));
  EXPECT_THAT(string_literals(std::string_view("'a' \0 'b'", 9)), ElementsAre("a"));
  EXPECT_THAT(string_literals("# coding: utf-16\n'a'"), IsEmpty());
}

// Each of these is quadratic, or deep, in a scanner that looks back, ahead or calls itself.
TEST(StringLiterals, HostileTextTakesLinearTime) {
  constexpr std::size_t kCount = 500'000;
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string unit :
       {"'", "\"\"\"", "f'{", "f'{x:{", "(", "f\"", "\\", "\\\n", "#", "'''\\", "rb", "\n# coding",
        "{:", "\r", "f'\\N{", "'a'", "\x81"}) {
    std::string text;
    while (text.size() < kCount) text += unit;
    string_literals(text);
    string_literals("# coding: gbk\n" + text);
    try {
      first_statement_offset(text);
    } catch (const Failure&) {
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace spokeshave
