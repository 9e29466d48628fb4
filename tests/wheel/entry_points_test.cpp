#include "wheel/entry_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "tests/support/random_seed.h"
#include "tests/support/run_program.h"
#include "wheel/error.h"

namespace {

using testing::HasSubstr;
using wheel::EntryPoint;
using wheel::parse_entry_points;

/// `section/name` of each, a line each; "refused" where the text is refused.
std::string outline_of(const std::string& text) {
  try {
    std::string outline;
    for (const EntryPoint& point : parse_entry_points(text)) {
      outline += point.section + "/" + point.name + "\n";
    }
    return outline;
  } catch (const wheel::Error&) {
    return "refused\n";
  }
}

std::string refusal_of(const std::string& text) {
  try {
    parse_entry_points(text);
  } catch (const wheel::Error& error) {
    return error.what();
  }
  return "taken";
}

TEST(ParseEntryPoints, GivesEachLineOfEachSection) {
  const auto points = parse_entry_points(
      "# comment\n[a]\r\nx = m:f\r\n y.z=m\n\n[b c]\n; comment\nx = 1\n  more\n");
  ASSERT_EQ(points.size(), 2u) << "what is further in than the line before goes on with it";
  EXPECT_EQ(points[0].section, "a");
  EXPECT_EQ(points[0].name, "x");
  EXPECT_EQ(points[0].value, "m:f\ny.z=m");
  EXPECT_EQ(points[1].section, "b c");
  EXPECT_EQ(points[1].value, "1\nmore");
}

TEST(ParseEntryPoints, NamesTheLineThatIsWrong) {
  EXPECT_THAT(refusal_of("\nx = 1\n"), HasSubstr("line 2 stands before the first section"));
  EXPECT_THAT(refusal_of("[a]\nx\n"), HasSubstr("line 2 is neither"));
  EXPECT_THAT(refusal_of("[a]\n= x\n"), HasSubstr("line 2 is neither"));
  EXPECT_THAT(refusal_of("[a]\nx = 1\nx = 2\n"), HasSubstr("line 3 names \"x\" a second time"));
  EXPECT_THAT(refusal_of("[a]\n[b]\n[a]\n"), HasSubstr("line 3 opens the section \"a\""));
  EXPECT_EQ(refusal_of(""), "taken");
}

// warehouse reads entry_points.txt with Python's configparser.
TEST(ParseEntryPoints, ReadsWhatPythonsConfigparserReads) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> pieces = {
      "[a]\n", "[b]\n", "[c]\n",  "x = 1\n", "y=2\n", "z\n",   "w = =\n", "v =\n", "  u = 1\n",
      "\n",    "# c\n", " ; c\n", "[d] x\n", "[]\n",  "= 1\n", "t: 1\n",  "\ts\n", "[e]]\n"};
  std::string texts;
  std::string ours;
  for (int i = 0; i < 1000; ++i) {
    std::string text = random() % 8 == 0 ? "" : "[start]\n";
    for (std::size_t n = random() % 7; n > 0; --n) {
      text += pieces[random() % pieces.size()];
    }
    texts += text + '\0';
    ours += outline_of(text) + "--\n";
  }
  std::string escaped;  // no argument can hold a NUL
  for (const char c : texts) {
    escaped += c == '\0' ? '\1' : c;
  }
  const auto python = support::run_program({"python3", "-c",
                                            "import configparser, sys\n"
                                            "class P(configparser.ConfigParser):\n"
                                            "  optionxform = staticmethod(str)\n"
                                            "for text in sys.argv[1].split('\\1')[:-1]:\n"
                                            "  p = P(delimiters=('=',))\n"
                                            "  try:\n"
                                            "    p.read_string(text)\n"
                                            "    for s in p.sections():\n"
                                            "      for o in p.options(s):\n"
                                            "        print(f'{s}/{o}')\n"
                                            "  except configparser.Error:\n"
                                            "    print('refused')\n"
                                            "  print('--')\n",
                                            escaped});
  ASSERT_EQ(python.status, 0) << python.err;
  EXPECT_EQ(ours, python.out);
}

}  // namespace
