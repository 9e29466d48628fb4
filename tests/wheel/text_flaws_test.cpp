#include "wheel/text_flaws.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/support/flaws.h"

// tests/e2e/index_rules_test.py asks uv and pip whether they refuse such wheels.
namespace wheel {
namespace {

using testing::Contains;
using testing::IsEmpty;

const std::string kMetadata = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n";
const std::string kWheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";

using Text = std::optional<std::string>;

std::vector<std::string> flaws_of(const Text& metadata, const Text& wheel,
                                  const Text& entry_points = std::nullopt) {
  IndexTexts texts;
  texts.folder = "f";
  texts.metadata = metadata;
  texts.wheel = wheel;
  texts.entry_points = entry_points;
  std::vector<std::string> flaws;
  for (const Flaw& flaw : text_flaws(texts, {}, {"tiny", "1.0", "", "py3", "none", "any"})) {
    flaws.push_back(support::in_short(flaw));
  }
  return flaws;
}

std::vector<std::string> flaws_of_metadata(const std::string& text) {
  return flaws_of(text, kWheel);
}

std::vector<std::string> flaws_of_wheel(const std::string& text) {
  return flaws_of(kMetadata, text);
}

TEST(TextFlaws, AreNoneInProperTexts) {
  EXPECT_THAT(flaws_of(kMetadata, kWheel, "[console_scripts]\nrun = tiny:run\n"), IsEmpty());
  EXPECT_THAT(flaws_of(std::nullopt, std::nullopt), IsEmpty());
}

TEST(TextFlaws, AreWhatIsRefusedInMetadata) {
  EXPECT_THAT(flaws_of_metadata("no header\n"), Contains("metadata [f/METADATA]"));
  EXPECT_THAT(flaws_of_metadata("Name: tiny\nVersion: 1.0\n"),
              Contains("metadata-field [f/METADATA]"));
  EXPECT_THAT(flaws_of_metadata("Metadata-Version: 2.4\nName: tiny\nVersion: 1.0\n"
                                "License-File: absent\n"),
              Contains("metadata-license-file [f/METADATA]"));
  EXPECT_THAT(flaws_of_metadata("Metadata-Version: 2.1\nName: tiny\nVersion: 1.1\n"),
              Contains("metadata-version [f/METADATA]"));
}

TEST(TextFlaws, AreNotWhatOnlyAPublicationWouldBreak) {
  EXPECT_THAT(flaws_of_metadata(kMetadata + "Requires-Dist: x @ https://example.org/x.whl\n"),
              IsEmpty());
}

TEST(TextFlaws, AreWhatIsRefusedInWheel) {
  EXPECT_THAT(flaws_of_wheel("Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
              Contains("wheel-version [f/WHEEL]"));
  EXPECT_THAT(flaws_of_wheel("Wheel-Version: 1.0\nTag: py3-none-any\n"),
              Contains("wheel-purelib [f/WHEEL]"));
  EXPECT_THAT(flaws_of_wheel(kWheel + "Build: 3\n"), Contains("wheel-build [f/WHEEL]"));
}

TEST(TextFlaws, AreWhatIsRefusedInEntryPoints) {
  EXPECT_THAT(flaws_of(kMetadata, kWheel, "no section\n"),
              Contains("entry-points [f/entry_points.txt]"));
}

}  // namespace
}  // namespace wheel
