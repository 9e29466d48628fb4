#include "wheel/zip_end.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/wheel/zip_support.h"

namespace {

using support::make_zip;
using support::refusal_of;
using support::ZipImage;
using support::ZipMember;
using testing::HasSubstr;

const std::vector<ZipMember> kTwo = {{.name = "a", .content = "aaaa"},
                                     {.name = "b", .content = "bb"}};

ZipImage zip() {
  return make_zip(kTwo);
}
ZipImage zip64() {
  return make_zip(kTwo, {.zip64_end = true});
}

TEST(EndRecord, IsTakenWithAndWithoutZip64AndWithAComment) {
  EXPECT_EQ(refusal_of(zip().bytes), "taken");
  EXPECT_EQ(refusal_of(zip64().bytes), "taken");
  EXPECT_EQ(refusal_of(make_zip(kTwo, {.comment = "a comment"}).bytes), "taken");
  EXPECT_EQ(refusal_of(make_zip(kTwo, {.comment = std::string(65535, 'x')}).bytes), "taken");
}

TEST(EndRecord, MustBeThere) {
  EXPECT_THAT(refusal_of(""), HasSubstr("not a zip archive"));
  EXPECT_THAT(refusal_of(std::string(100000, 'x')), HasSubstr("not a zip archive"));
  EXPECT_THAT(refusal_of(zip().bytes.substr(0, zip().end)), HasSubstr("not a zip archive"));
}

TEST(EndRecord, MustEndTheFile) {
  EXPECT_THAT(refusal_of(zip().bytes + "x"), HasSubstr("does not end the file"));
  EXPECT_THAT(refusal_of(zip().bytes + std::string(70000, 'x')), HasSubstr("not a zip archive"));
  auto longer = zip();
  longer.put16(longer.end + 20, 1);
  EXPECT_THAT(refusal_of(longer.bytes), HasSubstr("does not end the file"));
}

TEST(EndRecord, MayNotBeHiddenInAComment) {
  const std::string inner = zip().bytes;
  EXPECT_THAT(refusal_of(make_zip(kTwo, {.comment = inner}).bytes), HasSubstr("two end records"));
  EXPECT_THAT(refusal_of(make_zip(kTwo, {.comment = inner.substr(zip().end)}).bytes),
              HasSubstr("two end records"));
  EXPECT_THAT(refusal_of(make_zip(kTwo, {.comment = "PK\5\6"}).bytes), HasSubstr("end record"));
}

TEST(EndRecord, MustKnowTheNumberOfMembers) {
  for (const std::size_t field : {8u, 10u}) {
    auto other = zip();
    other.put16(other.end + field, 3);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("two numbers")) << field;
  }
  for (const unsigned count : {0u, 1u, 3u, 0xffffu}) {
    auto other = zip();
    other.put16(other.end + 8, count).put16(other.end + 10, count);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("central directory holds")) << count;
  }
}

TEST(EndRecord, MayNotSpeakOfSeveralDisks) {
  for (const std::size_t field : {4u, 6u}) {
    auto other = zip();
    other.put16(other.end + field, 1);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("several files")) << field;
  }
}

TEST(EndRecord, MustLeadToTheDirectoryRightBeforeIt) {
  for (const std::size_t field : {12u, 16u}) {
    for (const std::uint64_t value : {std::uint64_t{0}, zip().get(zip().end + field, 4) - 1,
                                      zip().get(zip().end + field, 4) + 1,
                                      std::uint64_t{0xffffffff}, std::uint64_t{0x7fffffff}}) {
      auto other = zip();
      other.put32(other.end + field, value);
      EXPECT_THAT(refusal_of(other.bytes), HasSubstr("does not lead to the end record"))
          << field << " " << value;
    }
  }
}

TEST(Zip64EndRecord, MayReplaceWhatTheEndRecordLeavesOpen) {
  auto open = zip64();
  const std::size_t end = open.end + 76;
  open.put16(end + 8, 0xffff).put16(end + 10, 0xffff).put32(end + 12, 0xffffffff);
  open.put32(end + 16, 0xffffffff);
  EXPECT_EQ(refusal_of(open.bytes), "taken");
}

TEST(Zip64EndRecord, MayNotContradictTheEndRecord) {
  const std::size_t kCounts = 24, kCount = 32, kBytes = 40, kOffset = 48;
  for (const std::size_t field : {kBytes, kOffset}) {
    auto other = zip64();
    other.put(other.end + field, other.get(other.end + field, 8) - 1, 8);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("contradicts")) << field;
  }
  auto other = zip64();
  other.put(other.end + kCounts, 3, 8).put(other.end + kCount, 3, 8);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("contradicts"));
}

TEST(Zip64EndRecord, MustStandWhereItsLocatorPoints) {
  auto other = zip64();
  other.put(other.end + 56 + 8, other.end - 1, 8);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("locator"));
  other = zip64();
  other.put(other.end + 56 + 8, ~std::uint64_t{0}, 8);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("locator"));
  other = zip64();
  other.put32(other.end, 0);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("zip64 end record"));
  other = zip64();
  other.put(other.end + 4, 45, 8);  // extensible data
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("zip64 end record"));
  other = zip64();
  other.put32(other.end + 56, 0);  // no locator: the record belongs to nothing
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("does not lead to the end record"));
}

TEST(Zip64EndRecord, MayNotSpeakOfSeveralDisks) {
  for (const std::size_t field : {16u, 20u, 24u, 56u + 4u, 56u + 16u}) {
    auto other = zip64();
    other.put32(other.end + field, 7);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("several")) << field;
  }
}

TEST(Zip64EndRecord, CannotClaimMoreThanTheFileHolds) {
  auto other = zip64();
  const std::size_t end = other.end + 76;
  other.put16(end + 8, 0xffff).put16(end + 10, 0xffff);
  other.put(other.end + 24, std::uint64_t{1} << 40, 8)
      .put(other.end + 32, std::uint64_t{1} << 40, 8);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("are not read"));
  other = zip64();
  other.put32(end + 12, 0xffffffff).put(other.end + 40, ~std::uint64_t{0}, 8);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("does not lead to the end record"));
}

}  // namespace
