#include "wheel/zip_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/wheel/zip_support.h"

namespace {

using support::Descriptor;
using support::le;
using support::make_zip;
using support::refusal_of;
using support::ZipImage;
using support::ZipMember;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// Both headers of the second of two members, the first stays proper.
ZipImage zip(ZipMember second = {.name = "b", .content = "content"}) {
  return make_zip({{.name = "a", .content = "aaaa"}, std::move(second)});
}

TEST(ZipHeaders, AreTakenWithWhatIsOddButHarmless) {
  EXPECT_EQ(refusal_of(zip({.name = "b", .content = "x", .method = 0}).bytes), "taken");
  EXPECT_EQ(refusal_of(zip({.name = "b", .content = "x", .comment = "a comment"}).bytes), "taken");
  EXPECT_EQ(refusal_of(zip({.name = "b", .content = "x", .flags = 2}).bytes), "taken");
  EXPECT_EQ(refusal_of(zip({.name = "b", .content = "x", .mode = 0}).bytes), "taken");
  EXPECT_EQ(refusal_of(zip({.name = "b", .content = "x", .time = 0, .date = 0}).bytes), "taken");
  EXPECT_EQ(refusal_of(zip({.name = "b/", .content = "", .method = 0, .mode = 040755}).bytes),
            "taken");
  EXPECT_EQ(refusal_of(zip({.name = "\xc3\xa9", .content = "x", .flags = 0x800}).bytes), "taken");
  const std::string time = "UT" + le(5, 2) + "\3" + le(0, 4);
  EXPECT_EQ(
      refusal_of(
          zip({.name = "b", .content = "x", .local_extra = time, .central_extra = time}).bytes),
      "taken");
}

TEST(ZipHeaders, MustAgreeLocalWithCentral) {
  const struct {
    std::size_t local, size;
    const char* what;
  } kFields[] = {{6, 2, "flags"}, {10, 2, "time"},         {12, 2, "time"}, {14, 4, "CRC-32"},
                 {18, 4, "size"}, {22, 4, "another size"}, {30, 1, "name"}};
  for (const auto& field : kFields) {
    auto other = zip();
    const std::size_t at = other.local[1] + field.local;
    other.put(at, other.get(at, field.size) ^ (field.local == 6 ? 2 : 1), field.size);
    EXPECT_THAT(refusal_of(other.bytes),
                AllOf(StartsWith("[b]"), HasSubstr("local header"), HasSubstr(field.what)))
        << field.local;
  }
  auto other = zip();
  other.put16(other.local[1] + 8, 0);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("another compression"));
}

TEST(ZipHeaders, MustBeWhereTheyShouldBe) {
  auto other = zip();
  other.put32(other.local[1], 0x04034b51);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("there is no header at byte"));
  other = zip();
  other.put32(other.central[1], 0x05054b50);  // a digital signature
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("there is no header at byte"));
}

TEST(ZipHeaders, WithLyingLengthsAreRefused) {
  for (const std::size_t field : {28u, 30u, 32u}) {
    for (const std::uint64_t value : {1u, 7u, 0xffffu}) {
      auto other = zip();
      other.put16(other.central[1] + field, other.get(other.central[1] + field, 2) + value);
      EXPECT_NE(refusal_of(other.bytes), "taken") << field << " " << value;
    }
  }
  for (const std::size_t field : {26u, 28u}) {
    for (const std::uint64_t value : {1u, 7u, 0xffffu}) {
      auto other = zip();
      other.put16(other.local[1] + field, other.get(other.local[1] + field, 2) + value);
      EXPECT_NE(refusal_of(other.bytes), "taken") << field << " " << value;
    }
  }
}

TEST(ZipHeaders, ThatNeedAReaderFromTheFutureAreRefused) {
  for (const unsigned version : {64u, 200u, 256u + 20u}) {
    auto other = zip();
    other.put16(other.central[1] + 6, version);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("which there is not")) << version;
    other = zip();
    other.put16(other.local[1] + 4, version);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("which there is not")) << version;
  }
}

void set_flags(ZipImage& image, std::uint64_t flags) {
  image.put16(image.local[1] + 6, flags).put16(image.central[1] + 8, flags);
}

TEST(ZipHeaders, OfWhatIsEncryptedOrPatchedAreRefused) {
  for (const int bit : {0, 6, 13}) {
    auto other = zip();
    set_flags(other, 1u << bit);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("[b] it is encrypted"));
  }
  auto other = zip();
  set_flags(other, 1 << 5);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("[b] it is compressed patch data"));
  for (const int bit : {4, 7, 8, 9, 10, 12, 14, 15}) {
    other = zip();
    set_flags(other, 1u << bit);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("flag that is not known")) << bit;
  }
}

TEST(ZipHeaders, OfOtherMethodsAreRefused) {
  for (const unsigned method : {1u, 6u, 9u, 12u, 14u, 93u, 95u, 99u, 0xffffu}) {
    auto other = zip();
    other.put16(other.local[1] + 8, method).put16(other.central[1] + 10, method);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("method " + std::to_string(method)));
  }
}

TEST(ZipHeaders, OfLinksAndDevicesAreRefused) {
  EXPECT_THAT(refusal_of(zip({.name = "b", .content = "a", .mode = 0120777}).bytes),
              HasSubstr("[b] it is a symbolic link"));
  for (const std::uint32_t type : {0010000u, 0020000u, 0060000u, 0140000u}) {
    EXPECT_THAT(refusal_of(zip({.name = "b", .content = "a", .mode = type | 0644}).bytes),
                HasSubstr("neither a file nor a folder"));
  }
  EXPECT_THAT(refusal_of(zip({.name = "b", .content = "a", .mode = 040755}).bytes),
              HasSubstr("its mode is a folder's"));
  // Whatever system made the archive: installers look at the mode alone.
  auto other = zip({.name = "b", .content = "a", .mode = 0120777});
  other.put16(other.central[1] + 4, 20);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("symbolic link"));
}

TEST(ZipHeaders, OfAFolderWithContentsAreRefused) {
  EXPECT_THAT(refusal_of(zip({.name = "b/", .content = "x", .method = 0, .mode = 040755}).bytes),
              HasSubstr("has contents"));
}

TEST(ZipHeaders, OfAStoredMemberMustGiveOneSize) {
  auto other = zip({.name = "b", .content = "content", .method = 0});
  other.put32(other.local[1] + 22, 8).put32(other.central[1] + 24, 8);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("sizes differ"));
}

TEST(ZipHeaders, OfANameThatIsNotAsciiMustSaySo) {
  EXPECT_THAT(refusal_of(zip({.name = "\xc3\xa9", .content = "x"}).bytes),
              HasSubstr("not marked as UTF-8"));
}

TEST(ZipHeaders, OfAnotherDiskAreRefused) {
  for (const unsigned disk : {1u, 0xffffu}) {
    auto other = zip();
    other.put16(other.central[1] + 34, disk);
    EXPECT_THAT(refusal_of(other.bytes), HasSubstr("another disk"));
  }
}

std::string unicode_path(const std::string& name) {
  return "up" + le(5 + name.size(), 2) + "\1" + le(0, 4) + name;
}

TEST(ExtraFields, MustBeWholeAndTheirOwn) {
  for (const std::string extra : {"U", "UT", "UT\5", "UT\5\0x"}) {
    EXPECT_THAT(refusal_of(zip({.name = "b", .content = "x", .central_extra = extra}).bytes),
                HasSubstr("extra fields are cut off"));
    EXPECT_THAT(refusal_of(zip({.name = "b", .content = "x", .local_extra = extra}).bytes),
                HasSubstr("extra fields are cut off"));
  }
}

TEST(ExtraFields, MayNotGiveASecondName) {
  const auto with = [](const std::string& extra) {
    return refusal_of(
        zip({.name = "b", .content = "x", .local_extra = extra, .central_extra = extra}).bytes);
  };
  EXPECT_THAT(with(unicode_path("c")), HasSubstr("second name"));
  EXPECT_THAT(with("up" + le(0, 2)), HasSubstr("second name"));
  EXPECT_THAT(with(unicode_path("b") + unicode_path("b")), HasSubstr("stands twice"));
}

std::string zip64_field(std::initializer_list<std::uint64_t> values) {
  std::string text = le(1, 2) + le(8 * values.size(), 2);
  for (const std::uint64_t value : values) {
    text += le(value, 8);
  }
  return text;
}

/// A stored member of 7 bytes whose central header leaves its two sizes to a zip64 field.
ZipImage sizes_elsewhere(const std::string& field) {
  auto image = zip({.name = "b", .content = "content", .method = 0, .central_extra = field});
  image.put32(image.central[1] + 20, 0xffffffff).put32(image.central[1] + 24, 0xffffffff);
  return image;
}

TEST(Zip64Field, IsReadWhereTheHeaderLeavesValuesToIt) {
  EXPECT_EQ(refusal_of(sizes_elsewhere(zip64_field({7, 7})).bytes), "taken");
  auto local =
      zip({.name = "b", .content = "content", .method = 0, .local_extra = zip64_field({7, 7})});
  local.put32(local.local[1] + 18, 0xffffffff).put32(local.local[1] + 22, 0xffffffff);
  EXPECT_EQ(refusal_of(local.bytes), "taken");
}

TEST(Zip64Field, MayRepeatWhatTheHeaderSays) {
  EXPECT_EQ(
      refusal_of(
          zip({.name = "b", .content = "content", .method = 0, .local_extra = zip64_field({7, 7})})
              .bytes),
      "taken");
}

TEST(Zip64Field, MustHoldWhatIsLeftToIt) {
  EXPECT_THAT(refusal_of(sizes_elsewhere("").bytes), HasSubstr("not there"));
  EXPECT_THAT(refusal_of(sizes_elsewhere(zip64_field({})).bytes), HasSubstr("zip64 field has 0"));
  EXPECT_THAT(refusal_of(sizes_elsewhere(zip64_field({7})).bytes), HasSubstr("zip64 field has 8"));
  EXPECT_THAT(refusal_of(sizes_elsewhere(zip64_field({7, 7, 7, 7})).bytes),
              HasSubstr("zip64 field has 32"));
  EXPECT_THAT(refusal_of(sizes_elsewhere(zip64_field({7, 7}) + zip64_field({7, 7})).bytes),
              HasSubstr("stands twice"));
}

TEST(Zip64Field, MayNotLie) {
  EXPECT_NE(refusal_of(sizes_elsewhere(zip64_field({8, 7})).bytes), "taken");
  EXPECT_NE(refusal_of(sizes_elsewhere(zip64_field({8, 8})).bytes), "taken");
  EXPECT_NE(refusal_of(sizes_elsewhere(zip64_field({~0ull, ~0ull})).bytes), "taken");
  EXPECT_THAT(refusal_of(sizes_elsewhere(zip64_field({7, 7, 1})).bytes), HasSubstr("contradicts"));
  EXPECT_THAT(
      refusal_of(
          zip({.name = "b", .content = "content", .method = 0, .local_extra = zip64_field({7, 8})})
              .bytes),
      HasSubstr("contradicts"));
}

TEST(DataDescriptor, IsTakenInEachOfItsFourForms) {
  for (const auto form : {Descriptor::kSigned, Descriptor::kUnsigned, Descriptor::kSignedZip64,
                          Descriptor::kUnsignedZip64}) {
    EXPECT_EQ(refusal_of(zip({.name = "b", .content = "content", .descriptor = form}).bytes),
              "taken");
    EXPECT_EQ(refusal_of(make_zip({{.name = "b", .content = "content", .descriptor = form},
                                   {.name = "c", .content = "c", .descriptor = form}})
                             .bytes),
              "taken");
  }
}

TEST(DataDescriptor, MustSayWhatTheHeadersSay) {
  for (const auto form : {Descriptor::kSigned, Descriptor::kUnsigned, Descriptor::kSignedZip64,
                          Descriptor::kUnsignedZip64}) {
    const auto good = zip({.name = "b", .content = "content", .descriptor = form});
    const std::size_t begin = good.data[1] + good.get(good.central[1] + 20, 4);
    for (std::size_t at = begin; at < good.central[0]; ++at) {
      auto other = good;
      other.put(at, other.get(at, 1) ^ 1, 1);
      EXPECT_THAT(refusal_of(other.bytes), HasSubstr("data descriptor contradicts")) << at - begin;
    }
  }
}

TEST(DataDescriptor, MustBeThereWhereTheFlagSaysSo) {
  auto other = zip();
  set_flags(other, 8);
  EXPECT_THAT(refusal_of(other.bytes), HasSubstr("data descriptor does not fill"));
  other = zip({.name = "b", .content = "content", .descriptor = Descriptor::kSigned});
  set_flags(other, 0);
  EXPECT_NE(refusal_of(other.bytes), "taken");
}

}  // namespace
