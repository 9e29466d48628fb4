#include "src/dist_info.h"

#include <gmock/gmock.h>

#include "tests/support/temp_dir.h"
#include "tests/support/tiny_library.h"
#include "tests/support/wheel_maker.h"

namespace spokeshave {
namespace {

using testing::HasSubstr;
using testing::Not;

wheel::WheelFile opened(const support::WheelMaker& maker) {
  const support::TempDir dir;
  support::write_file(dir / maker.file_name, maker.make().bytes);
  return wheel::open_wheel((dir / maker.file_name).string());
}

PlannedWheel companion() {
  return {.name = "Tiny-Libs",
          .filename = {"tiny_libs", "1.0+split.1", "", "py3", "none",
                       "manylinux_2_17_x86_64.manylinux2014_x86_64"},
          .package = "tiny_libs",
          .requirement = "Tiny-Libs==1.0+split.1",
          .weight = {}};
}

TEST(MainMetadata, GetsTheVersionAndTheRequirementsAndKeepsTheRestByteForByte) {
  const auto wheel =
      opened({.metadata = "Metadata-Version: 2.1\r\nName: tiny\r\nVersion: 1.0\r\n"
                          "X-Odd:   two  blanks\r\nRequires-Dist: sympy ; extra == 'x'\r\n"
                          "Author: B\xc3\xbc\x63her\r\n\r\nVersion: 1.0 is out!\r\n"});
  EXPECT_EQ(
      main_metadata(wheel, "1.0+split.1", {"tiny-libs==1.0+split.1", "tiny-libs-2==1.0+split.1"}),
      "Metadata-Version: 2.1\r\nName: tiny\r\nVersion: 1.0+split.1\r\n"
      "X-Odd:   two  blanks\r\nRequires-Dist: sympy ; extra == 'x'\r\n"
      "Requires-Dist: tiny-libs==1.0+split.1\r\nRequires-Dist: tiny-libs-2==1.0+split.1\r\n"
      "Author: B\xc3\xbc\x63her\r\n\r\nVersion: 1.0 is out!\r\n");
}

TEST(CompanionMetadata, TakesOverWhoMadeItAndItsLicenceAndRequiresNothing) {
  const auto wheel = opened(
      {.metadata = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\nSummary: Tiny things\n"
                   "Home-page: tiny.example\nAuthor: A\nLicense: BSD\nLicense-File: LICENSE\n"
                   "Requires-Dist: sympy\nRequires-Python: >=3.8\nProvides-Extra: x\n\nLong.\n"});
  const std::string text = companion_metadata(wheel, companion());
  EXPECT_EQ(text,
            "Metadata-Version: 2.1\nName: Tiny-Libs\nVersion: 1.0+split.1\n"
            "Summary: Native libraries of tiny 1.0, split off\n"
            "Home-page: tiny.example\nAuthor: A\nLicense: BSD\nLicense-File: LICENSE\n"
            "Requires-Python: >=3.8\n");
}

TEST(CompanionMetadata, ALicenceOfSeveralLinesStaysOneField) {
  const auto wheel = opened({.metadata = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
                                         "License: Line one\n        \n        Line three\n"
                                         "        Requires-Dist: evil\nAuthor: A\n"});
  const wheel::Headers headers(companion_metadata(wheel, companion()));
  EXPECT_EQ(headers.get("License"), wheel.metadata.get("License"));
  EXPECT_EQ(headers.get("Requires-Dist"), std::nullopt);
  EXPECT_EQ(headers.get("Author"), "A");
}

TEST(CompanionWheelText, HasATagForEachPlatform) {
  const auto wheel = opened({.wheel = "Wheel-Version: 1.0\nGenerator: test\n"
                                      "Root-Is-Purelib: false\nTag: py3-none-any\n"});
  const std::string text = companion_wheel_text(wheel, companion());
  EXPECT_EQ(text.find("Wheel-Version: 1.0\nGenerator: spokeshave "), 0u) << text;
  EXPECT_THAT(text, HasSubstr("\nRoot-Is-Purelib: false\n"
                              "Tag: py3-none-manylinux_2_17_x86_64\n"
                              "Tag: py3-none-manylinux2014_x86_64\n"));
  EXPECT_THAT(text, Not(HasSubstr("Build:")));
}

TEST(CompanionWheelText, GoesIntoTheFolderOfTheMainWheelAndHasItsBuild) {
  const auto wheel = opened({});
  PlannedWheel with_build = companion();
  with_build.filename.build = "3";
  const std::string text = companion_wheel_text(wheel, with_build);
  EXPECT_THAT(text, HasSubstr("\nRoot-Is-Purelib: true\n"));
  EXPECT_THAT(text, HasSubstr("\nBuild: 3\n"));
}

TEST(NewFilename, HasTheNewVersionAndTheNameAsIndexesWantIt) {
  const auto original = wheel::parse_filename("Tiny.Libs-1.0-1-py3-none-linux_x86_64.whl");
  EXPECT_EQ(to_string(new_filename(original, "1.0+split.1")),
            "tiny_libs-1.0+split.1-1-py3-none-linux_x86_64.whl");
}

TEST(RenamedMember, FollowsTheFileNameInDistInfoAndDataOnly) {
  auto original = opened({});
  original.dist_info = "Tiny.Libs-1.0.dist-info";
  original.data = "Tiny.Libs-1.0.data";
  const auto filename = wheel::parse_filename("tiny_libs-1.0+x-py3-none-linux_x86_64.whl");
  EXPECT_EQ(renamed_member(original, "Tiny.Libs-1.0.dist-info/licenses/A", filename),
            "tiny_libs-1.0+x.dist-info/licenses/A");
  EXPECT_EQ(renamed_member(original, "Tiny.Libs-1.0.data/scripts/a", filename),
            "tiny_libs-1.0+x.data/scripts/a");
  EXPECT_EQ(renamed_member(original, "tiny/Tiny.Libs-1.0.data/a", filename),
            "tiny/Tiny.Libs-1.0.data/a");
  EXPECT_EQ(dist_info_folder(filename), "tiny_libs-1.0+x.dist-info");
}

}  // namespace
}  // namespace spokeshave
