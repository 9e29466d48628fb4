#include "wheel/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/random_seed.h"
#include "tests/support/run_program.h"
#include "wheel/error.h"

namespace {

using testing::HasSubstr;
using wheel::parse_record;
using wheel::Record;

std::string refusal(const std::string& text) {
  try {
    parse_record(text);
  } catch (const wheel::Error& error) {
    return error.what();
  }
  return "taken";
}

TEST(ParseRecord, GivesPathHashAndSize) {
  const Record record = parse_record("a.py,sha256=x,12\nd/RECORD,,\n");
  ASSERT_EQ(record.rows.size(), 2u);
  EXPECT_EQ(record.rows[0].path, "a.py");
  EXPECT_EQ(record.rows[0].hash, "sha256=x");
  EXPECT_EQ(record.rows[0].size, 12u);
  EXPECT_EQ(record.rows[1].hash, "");
  EXPECT_EQ(record.rows[1].size, std::nullopt);
  EXPECT_EQ(record.newline, "\n");
}

TEST(ParseRecord, TakesQuotesEmptyLinesAndAMissingLastLineEnd) {
  const Record record = parse_record("\"a,\"\"b\"\".py\",sha256=x,1\n\nc,,");
  ASSERT_EQ(record.rows.size(), 2u);
  EXPECT_EQ(record.rows[0].path, "a,\"b\".py");
  EXPECT_EQ(record.rows[1].path, "c");
}

TEST(ParseRecord, KeepsWindowsLineEnds) {
  const std::string text = "a,sha256=x,1\r\nb,,\r\n";
  EXPECT_EQ(to_string(parse_record(text)), text);
}

TEST(ParseRecord, NamesTheLineThatIsWrong) {
  EXPECT_THAT(refusal("a,,1\nb,x\n"), HasSubstr("line 2 has 2 fields"));
  EXPECT_THAT(refusal("a,,1,\n"), HasSubstr("4 fields"));
  EXPECT_THAT(refusal("a,,1\n\na,,2\n"), HasSubstr("line 3 lists \"a\" a second time"));
  EXPECT_THAT(refusal("a,,one\n"), HasSubstr("where a size should be"));
  EXPECT_THAT(refusal("a,,-1\n"), HasSubstr("where a size should be"));
  EXPECT_THAT(refusal("a,, 1\n"), HasSubstr("where a size should be"));
  EXPECT_THAT(refusal("a,,18446744073709551616\n"), HasSubstr("where a size should be"));
  EXPECT_THAT(refusal("x,,1\n\"a,,1\n"), HasSubstr("line 2 opens a quote"));
  EXPECT_THAT(refusal(",,1\n"), HasSubstr("no path"));
  EXPECT_THAT(refusal("a,,1\rb,,1\n"), HasSubstr("carriage return"));
}

TEST(ParseRecord, OfAFlawedTextGoesOnWithTheNextLine) {
  std::vector<std::string> flaws;
  const Record record =
      parse_record("a,sha256=x,1\nb,,one\nc\n,,1\na,,2\nd,e\rf,,3\ng,,4\n\"h,,5\ni,,6\n",
                   [&](const wheel::Flaw& flaw) { flaws.push_back(flaw.rule + ": " + flaw.what); });
  EXPECT_THAT(flaws, testing::ElementsAre(
                         "record-number: line 2 has \"one\" where a size should be",
                         "record-fields: line 3 has 1 fields, not the three of path, hash and size",
                         "record-fields: line 4 has no path",
                         "record-duplicate: line 5 lists \"a\" a second time",
                         "record-csv: line 6 has a carriage return that ends no line",
                         "record-csv: line 8 opens a quote that is never closed"));
  std::vector<std::string> paths;
  for (const wheel::RecordRow& row : record.rows) paths.push_back(row.path);
  EXPECT_THAT(paths, testing::ElementsAre("a", "b", "g", "i"));
  EXPECT_EQ(record.rows[0].size, 1u) << "the first row of a path counts";
}

// Python's csv module is what installers read RECORD with.
TEST(ParseRecord, ReadsWhatPythonsCsvWritesAndWritesTheSameBytes) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  const auto python = support::run_program({"python3", "-c",
                                            "import csv, random, sys\n"
                                            "r = random.Random(int(sys.argv[1]))\n"
                                            "w = csv.writer(sys.stdout, lineterminator='\\n')\n"
                                            "for i in range(500):\n"
                                            "  w.writerow([''.join(r.choices('ab,\"\\n /é', k=9)) "
                                            "+ str(i), 'sha256=x,\"', r.choice(['', 1, 2**63])])\n",
                                            std::to_string(seed)},
                                           {{"PYTHONIOENCODING", "utf-8"}});
  ASSERT_EQ(python.status, 0) << python.err;
  const Record record = parse_record(python.out);
  EXPECT_EQ(record.rows.size(), 500u);
  EXPECT_EQ(to_string(record), python.out);
}

}  // namespace
