#include "wheel/wheel_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/flaws.h"
#include "wheel/error.h"

namespace {

using support::flaws_of;
using support::WheelMaker;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kMetadata = "[tiny-1.0.dist-info/METADATA]";
const std::string kWheel = "[tiny-1.0.dist-info/WHEEL]";
const std::string kRecord = "[tiny-1.0.dist-info/RECORD]";
const std::string kHash = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

/// A wheel with one empty module, whose RECORD has `row` for it.
WheelMaker with_row(const std::string& row) {
  WheelMaker maker{.members = {{.name = "tiny.py"}}};
  maker.record = row +
                 maker.row({.name = "tiny-1.0.dist-info/METADATA", .content = maker.metadata}) +
                 maker.row({.name = "tiny-1.0.dist-info/WHEEL", .content = maker.wheel}) +
                 "tiny-1.0.dist-info/RECORD,,\n";
  return maker;
}

TEST(FlawedWheel, ThatIsWholeHasNoFlaw) {
  EXPECT_THAT(flaws_of({}), IsEmpty());
  EXPECT_THAT(flaws_of(with_row("tiny.py," + kHash + ",0\n")), IsEmpty());
}

TEST(FlawedWheel, IsReadOnBehindEachFlaw) {
  const WheelMaker maker{.file_name = "tiny-1.0-py3-none-win_amd64.whl",
                         .metadata = "Metadata-Version: 2.1\nName: other\nVersion: 1.1\n",
                         .wheel = "Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                         .unlisted = {{.name = "tiny/a.py"}, {.name = "tiny/b.py"}}};
  EXPECT_THAT(flaws_of(maker),
              ElementsAre("platform []", "metadata-name " + kMetadata,
                          "metadata-version " + kMetadata, "wheel-version " + kWheel,
                          "record-unlisted " + kRecord, "record-unlisted " + kRecord));
}

TEST(FlawedWheel, MayLackEachOfTheThreeFiles) {
  EXPECT_THAT(flaws_of({.without = {"METADATA"}}), ElementsAre("metadata-missing " + kMetadata));
  EXPECT_THAT(flaws_of({.without = {"WHEEL"}}), ElementsAre("wheel-missing " + kWheel));
  EXPECT_THAT(flaws_of({.without = {"RECORD"}}), ElementsAre("record-missing " + kRecord));
}

TEST(FlawedWheel, MayHaveMetadataThatIsNone) {
  EXPECT_THAT(flaws_of({.metadata = "what\n"}), ElementsAre("metadata-syntax " + kMetadata));
  EXPECT_THAT(flaws_of({.metadata = "Metadata-Version: 3.0\nName: tiny\n"}),
              ElementsAre("metadata-format " + kMetadata, "metadata-field " + kMetadata));
  EXPECT_THAT(flaws_of({.metadata = "Metadata-Version: 2.1\nName: tiny\nName: tiny\nVersion: 1.0"}),
              ElementsAre("metadata-field " + kMetadata));
}

TEST(FlawedWheel, IsOfAnEqualVersion) {
  const auto of = [](const std::string& version) {
    return flaws_of({.metadata = "Metadata-Version: 2.1\nName: tiny\nVersion: " + version + "\n"});
  };
  EXPECT_THAT(of("1.0.0"), IsEmpty());
  EXPECT_THAT(of("1"), IsEmpty());
  EXPECT_THAT(of("1.0.1"), ElementsAre("metadata-version " + kMetadata));
  EXPECT_THAT(of("1.0.post1"), ElementsAre("metadata-version " + kMetadata));
}

TEST(FlawedWheel, MayHaveATextThatCannotBeUnpacked) {
  const support::TempDir folder;
  const WheelMaker maker;
  support::ZipImage image = maker.make();
  image.put32(image.local[1] + 14, 1).put32(image.central[1] + 16, 1);  // METADATA's CRC
  const std::string path = folder / maker.file_name;
  std::ofstream(path, std::ios::binary) << image.bytes;
  std::vector<std::string> flaws;
  const auto found = [&](const wheel::Flaw& f) { flaws.push_back(support::in_short(f)); };
  const wheel::WheelFile wheel = wheel::open_flawed_wheel(path, found);
  EXPECT_THAT(flaws, ElementsAre("metadata-unreadable " + kMetadata));
  EXPECT_EQ(wheel.metadata.text(), "");
  EXPECT_EQ(wheel.rows.size(), 4u);
}

TEST(FlawedWheel, MayListWhatIsNotThere) {
  const std::string good = "tiny.py," + kHash + ",0\n";
  const auto of = [](const std::string& rows) { return flaws_of(with_row(rows)); };
  EXPECT_THAT(of(""), ElementsAre("record-unlisted " + kRecord));
  EXPECT_THAT(of(good + "gone.py," + kHash + ",0\n"),
              ElementsAre("record-missing-member " + kRecord));
  EXPECT_THAT(of(good + "tiny/," + kHash + ",0\n"), ElementsAre("record-folder " + kRecord));
  EXPECT_THAT(of(good + good), ElementsAre("record-duplicate " + kRecord));
  EXPECT_THAT(of("tiny.py," + kHash + ",1\n"), ElementsAre("record-size " + kRecord));
  EXPECT_THAT(of("tiny.py," + kHash + ",one\n"), ElementsAre("record-number " + kRecord));
  EXPECT_THAT(of("tiny.py,,0\n"), ElementsAre("record-no-hash " + kRecord));
  EXPECT_THAT(of("tiny.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,0\n"),
              ElementsAre("record-hash-kind " + kRecord));
  EXPECT_THAT(of("tiny.py," + kHash + "\n"),
              ElementsAre("record-fields " + kRecord, "record-unlisted " + kRecord));
  EXPECT_THAT(of(good + "\"tiny.py,\n"), ElementsAre("record-csv " + kRecord));
}

TEST(FlawedWheel, GivesTheRowsThatMatchAMember) {
  const support::TempDir folder;
  const WheelMaker maker = with_row("tiny.py,md5=x,0\ngone.py," + kHash + ",0\n");
  const std::string path = folder / maker.file_name;
  std::ofstream(path, std::ios::binary) << maker.make().bytes;
  const wheel::WheelFile wheel = wheel::open_flawed_wheel(path, [](const wheel::Flaw&) {});
  EXPECT_EQ(wheel.rows.size(), 4u);
  EXPECT_EQ(wheel.rows.at("tiny.py").hash, "") << "md5 can't be compared";
  EXPECT_FALSE(wheel.rows.contains("gone.py"));
}

TEST(FlawedWheel, OfManyFlawsOfOneRuleAHundredAreTold) {
  WheelMaker maker;
  for (int i = 0; i < 150; ++i) {
    maker.unlisted.push_back({.name = "tiny/m" + std::to_string(i) + ".py", .method = 0});
  }
  const auto flaws = flaws_of(maker);
  ASSERT_EQ(flaws.size(), 101u);
  EXPECT_EQ(flaws[99], "record-unlisted " + kRecord);
  EXPECT_EQ(flaws[100], "record-unlisted []");
}

TEST(FlawedWheel, ThatIsNoWheelAtAllIsAnError) {
  EXPECT_THROW(flaws_of({.file_name = "tiny.whl"}), wheel::Error);
  EXPECT_THROW(flaws_of({.dist_info = "tiny"}), wheel::Error);
}

}  // namespace
