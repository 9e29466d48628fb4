#include "src/preload_formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "src/failure.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_library.h"
#include "tests/support/wheel_maker.h"
#include "wheel/sha256.h"
#include "wheel/wheel_file.h"

namespace spokeshave {
namespace {

using support::WheelMaker;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kBlock = "# >>> spokeshave preload >>>\n# <<< spokeshave preload <<<";

class PreloadDiffTest : public testing::Test {
 protected:
  std::string diff(const WheelMaker& maker, const std::string& init_path = "tiny/__init__.py") {
    support::write_file(dir_ / maker.file_name, maker.make().bytes);
    return preload_diff(wheel::open_wheel((dir_ / maker.file_name).string()), init_path, kBlock);
  }

 private:
  support::TempDir dir_;
};

TEST_F(PreloadDiffTest, HasAHunkForTheModuleAndOneForItsRowOfRecord) {
  const WheelMaker maker;
  const std::string after = std::string(kBlock) + "\nx = 1\n";
  const std::string hash = wheel::record_hash(wheel::sha256(after));
  const std::string row = maker.row(maker.members[0]);
  const std::string others = maker.rows().substr(row.size());
  const std::string metadata = others.substr(0, others.find('\n') + 1);
  const std::string wheel_row =
      others.substr(metadata.size(), others.find('\n', metadata.size()) + 1 - metadata.size());
  EXPECT_THAT(diff(maker),
              AllOf(StartsWith("# Puts the preload block into tiny/__init__.py of "
                               "tiny-1.0-py3-none-any.whl.\n"),
                    EndsWith("\n"
                             "diff --git a/tiny/__init__.py b/tiny/__init__.py\n"
                             "--- a/tiny/__init__.py\n"
                             "+++ b/tiny/__init__.py\n"
                             "@@ -1,1 +1,3 @@\n"
                             "+# >>> spokeshave preload >>>\n"
                             "+# <<< spokeshave preload <<<\n"
                             " x = 1\n"
                             "diff --git a/tiny-1.0.dist-info/RECORD b/tiny-1.0.dist-info/RECORD\n"
                             "--- a/tiny-1.0.dist-info/RECORD\n"
                             "+++ b/tiny-1.0.dist-info/RECORD\n"
                             "@@ -1,4 +1,4 @@\n"
                             "-" +
                             row + "+tiny/__init__.py," + hash + ",64\n " + metadata + " " +
                             wheel_row + " tiny-1.0.dist-info/RECORD,,\n")));
}

TEST_F(PreloadDiffTest, NamesTheModuleThatIsNotThere) {
  try {
    diff(WheelMaker(), "tiny/other.py");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("`tiny/other.py`"));
    EXPECT_EQ(failure.code(), ExitCode::kFound);
  }
}

TEST_F(PreloadDiffTest, IsRefusedWhereThisVeryBlockIsThereAlready) {
  WheelMaker maker;
  maker.members[0].content = std::string(kBlock) + "\nx\n";
  try {
    diff(maker);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("`tiny/__init__.py` needs no patch"));
    EXPECT_EQ(failure.code(), ExitCode::kFound);
  }
}

TEST_F(PreloadDiffTest, NamesTheModuleThatHasNoPlaceForTheBlock) {
  WheelMaker maker;
  maker.members[0].content = "'doc\n";
  try {
    diff(maker);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("cannot change `tiny/__init__.py`"));
    EXPECT_EQ(failure.code(), ExitCode::kFound);
  }
}

TEST(PreloadSitecustomize, NamesThePackageAsALiteralWhateverItIsCalled) {
  EXPECT_THAT(preload_sitecustomize({}, "a\nimport os"),
              AllOf(StartsWith("# Loads native libraries, each after those that it needs, when "
                               "`a\\u000aimport os` is imported,\n"),
                    HasSubstr("\n_spokeshave_serve(\n    \"a\\u000aimport os\",\n"),
                    testing::Not(HasSubstr("\nimport os"))));
}

}  // namespace
}  // namespace spokeshave
