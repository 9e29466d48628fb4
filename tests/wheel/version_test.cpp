#include "wheel/version.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/random_seed.h"
#include "tests/support/run_program.h"
#include "wheel/error.h"

namespace {

using wheel::normalise_version;
using wheel::with_local;

std::string normal_or_refused(const std::string& version) {
  try {
    return normalise_version(version);
  } catch (const wheel::Error&) {
    return "refused";
  }
}

TEST(NormaliseVersion, SpellsEveryPartAsPep440Does) {
  EXPECT_EQ(normalise_version("1.0-Alpha.1+Ubuntu_1"), "1.0a1+ubuntu.1");
  EXPECT_EQ(normalise_version("v1!01.02.RC"), "1!1.2rc0");
  EXPECT_EQ(normalise_version("0!1.0"), "1.0");
  EXPECT_EQ(normalise_version("1.0-1"), "1.0.post1");
  EXPECT_EQ(normalise_version("1.0.preview_3-rev2.DEV"), "1.0rc3.post2.dev0");
  EXPECT_EQ(normalise_version(" 2.1.2+cu118-Stripe.04\n"), "2.1.2+cu118.stripe.4");
  EXPECT_EQ(normalise_version("1.00000000000000000000000099"), "1.99");
}

TEST(NormaliseVersion, RefusesWhatIsNone) {
  for (const std::string text : {"", "x", "1.", "1..0", "1.0+", "1.0+a..b", "1.0 0", "1.0-", "1!",
                                 "1.0+cu118+x", "1.0+-", "french-toast", "1.0\xc3\xa9"}) {
    EXPECT_EQ(normal_or_refused(text), "refused") << text;
  }
}

TEST(WithLocal, AppendsToALocalVersionThatIsThere) {
  EXPECT_EQ(with_local("2.1.2", "split.1"), "2.1.2+split.1");
  EXPECT_EQ(with_local("2.1.2+cu118", "Split_1"), "2.1.2+cu118.split.1");
  EXPECT_THROW(with_local("2.1.2", "a b"), wheel::Error);
  EXPECT_THROW(with_local("2.1.2", ""), wheel::Error);
  EXPECT_THROW(with_local("x", "a"), wheel::Error);
}

// pip's copy of packaging is the judge.
TEST(NormaliseVersion, AgreesWithPackagingOnRandomText) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> parts = {"0",   "1",  "012",   ".",       ".",     "-", "_",
                                          "!",   "+",  "v",     "a",       "Alpha", "b", "beta",
                                          "c",   "rc", "pre",   "preview", "post",  "r", "rev",
                                          "dev", "x",  "cu118", "1.0",     "1.0"};
  std::string versions;
  std::string ours;
  for (int i = 0; i < 4000; ++i) {
    std::string version = "1";
    for (auto n = random() % 9; n > 0; --n) {
      version += parts[random() % parts.size()];
    }
    versions += version + "\n";
    ours += normal_or_refused(version) + "\n";
  }
  const auto python =
      support::run_program({"python3", "-c",
                            "import os\n"
                            "from pip._vendor.packaging.version import Version, InvalidVersion\n"
                            "for line in os.environ['VERSIONS'].splitlines():\n"
                            "  try: print(Version(line))\n"
                            "  except InvalidVersion: print('refused')\n"},
                           {{"VERSIONS", versions}});
  ASSERT_EQ(python.status, 0) << python.err;
  EXPECT_EQ(ours, python.out);
}

TEST(ComparableVersion, IsTheSameForEqualVersions) {
  EXPECT_EQ(wheel::comparable_version("1.0.0"), wheel::comparable_version("1"));
  EXPECT_EQ(wheel::comparable_version("1.0-Alpha.1"), wheel::comparable_version("1a1"));
  EXPECT_EQ(wheel::comparable_version("1.0.post1"), wheel::comparable_version("1-1"));
  EXPECT_EQ(wheel::comparable_version("1.0.dev0"), wheel::comparable_version("1.dev0"));
  EXPECT_EQ(wheel::comparable_version("2!1.0"), wheel::comparable_version("2!1"));
  EXPECT_EQ(wheel::comparable_version("1.0+Ubuntu_1"), wheel::comparable_version("1+ubuntu.1"));
  EXPECT_EQ(wheel::comparable_version("0.0"), wheel::comparable_version("0"));
  EXPECT_NE(wheel::comparable_version("1.0"), wheel::comparable_version("10"));
  EXPECT_NE(wheel::comparable_version("1.0+0.0"), wheel::comparable_version("1.0+0"));
  EXPECT_NE(wheel::comparable_version("1.0.post1"), wheel::comparable_version("1.0.1"));
  EXPECT_EQ(wheel::comparable_version("one"), std::nullopt);
}

}  // namespace
