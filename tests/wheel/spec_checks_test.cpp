#include "wheel/spec_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/flaws.h"

namespace {

using support::flaws_of;
using support::WheelMaker;
using testing::ElementsAre;
using testing::IsEmpty;
using wheel::Headers;

const std::string kMetadata = "[tiny-1.0.dist-info/METADATA]";
const std::string kWheel = "[tiny-1.0.dist-info/WHEEL]";
const std::string kRecord = "[tiny-1.0.dist-info/RECORD]";

std::vector<std::string> flaws_of_wheel_file(const std::string& wheel) {
  return flaws_of({.wheel = "Wheel-Version: 1.0\n" + wheel});
}

TEST(SpecChecks, WantARecordThatListsItselfBare) {
  WheelMaker maker{.members = {}};
  maker.record = maker.row({.name = "tiny-1.0.dist-info/METADATA", .content = maker.metadata}) +
                 maker.row({.name = "tiny-1.0.dist-info/WHEEL", .content = maker.wheel});
  const std::string rows = maker.record;
  maker.record = rows + "tiny-1.0.dist-info/RECORD,,\n";
  EXPECT_THAT(flaws_of(maker), IsEmpty());
  const std::string size = std::to_string(rows.size() + 30);  // its own, right to the byte
  maker.record = rows + "tiny-1.0.dist-info/RECORD,," + size + "\n";
  EXPECT_THAT(flaws_of(maker), ElementsAre("record-self-size " + kRecord));
  maker.record = rows + "tiny-1.0.dist-info/RECORD,sha256=x,\n";
  EXPECT_THAT(flaws_of(maker), ElementsAre("record-self-hash " + kRecord));
}

TEST(SpecChecks, WantNoSignatureInRecord) {
  for (const std::string suffix : {".jws", ".p7s"}) {
    const support::ZipMember signature{.name = "tiny-1.0.dist-info/RECORD" + suffix,
                                       .content = "{}"};
    EXPECT_THAT(flaws_of({.unlisted = {signature}}), IsEmpty()) << suffix;
    EXPECT_THAT(flaws_of({.members = {signature}}), ElementsAre("record-signature " + kRecord))
        << suffix;
  }
}

TEST(SpecChecks, WantTheLicenseFilesOfMetadata24) {
  const auto with = [](const std::string& format, const std::string& name) {
    return flaws_of({.metadata = "Metadata-Version: " + format +
                                 "\nName: tiny\nVersion: 1.0\nLicense-File: a/LICENSE\n",
                     .members = {{.name = "tiny-1.0.dist-info/" + name, .content = "x"}}});
  };
  EXPECT_THAT(with("2.4", "licenses/a/LICENSE"), IsEmpty());
  EXPECT_THAT(with("2.4", "LICENSE"), ElementsAre("metadata-license-file " + kMetadata));
  EXPECT_THAT(with("2.10", "licenses/LICENSE"), ElementsAre("metadata-license-file " + kMetadata));
  EXPECT_THAT(with("2.3", "LICENSE"), IsEmpty()) << "they lay elsewhere before";
}

TEST(SpecChecks, WantRootIsPurelibToSayTrueOrFalse) {
  EXPECT_THAT(flaws_of_wheel_file("Root-Is-Purelib: false\nTag: py3-none-any\n"), IsEmpty());
  EXPECT_THAT(flaws_of_wheel_file("Root-Is-Purelib: True\nTag: py3-none-any\n"), IsEmpty());
  EXPECT_THAT(flaws_of_wheel_file("Root-Is-Purelib: no\nTag: py3-none-any\n"),
              ElementsAre("wheel-purelib " + kWheel));
  EXPECT_THAT(flaws_of_wheel_file("Tag: py3-none-any\n"), ElementsAre("wheel-purelib " + kWheel));
}

TEST(SpecChecks, WantATagThoughItMayDifferFromTheFileName) {
  EXPECT_THAT(flaws_of_wheel_file("Root-Is-Purelib: true\nTag: cp311-cp311-linux_x86_64\n"),
              IsEmpty());
  EXPECT_THAT(flaws_of_wheel_file("Root-Is-Purelib: true\n"),
              ElementsAre("wheel-no-tag " + kWheel));
}

TEST(SpecChecks, WantNoOtherBuildThanTheFileNames) {
  const std::string base = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
  const auto with = [&](const std::string& file_name, const std::string& field) {
    return flaws_of({.file_name = file_name, .wheel = base + field});
  };
  EXPECT_THAT(with("tiny-1.0-7-py3-none-any.whl", "Build: 7\n"), IsEmpty());
  EXPECT_THAT(with("tiny-1.0-7-py3-none-any.whl", "Build: 8\n"),
              ElementsAre("wheel-build " + kWheel));
  EXPECT_THAT(with("tiny-1.0-7-py3-none-any.whl", ""), IsEmpty()) << "triton 2.1.0 is so";
  EXPECT_THAT(with("tiny-1.0-py3-none-any.whl", "Build: 7\n"),
              ElementsAre("wheel-build " + kWheel));
}

TEST(LicenseFiles, AreThoseOfMetadata24AndLater) {
  const std::string fields = "License-File: a\nLicense-File: b\n";
  EXPECT_THAT(license_files(Headers("Metadata-Version: 2.4\n" + fields)), ElementsAre("a", "b"));
  EXPECT_THAT(license_files(Headers("Metadata-Version: 2.1\n" + fields)), IsEmpty());
  EXPECT_THAT(license_files(Headers("Metadata-Version: 2\n" + fields)), IsEmpty());
  EXPECT_THAT(license_files(Headers(fields)), IsEmpty());
}

}  // namespace
