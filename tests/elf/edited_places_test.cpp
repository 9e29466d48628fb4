#include "elf/edited_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/elf_edits.h"

namespace elf {
namespace {

using namespace support::elf_edits;

bool is_in(const std::vector<FileRange>& ranges, std::uint64_t offset) {
  return std::ranges::any_of(ranges, [&](const FileRange& range) {
    return offset >= range.offset && offset - range.offset < range.size;
  });
}

class EditedPlacesInEveryFormat : public testing::TestWithParam<Format> {};
INSTANTIATE_TEST_SUITE_P(Formats, EditedPlacesInEveryFormat, testing::ValuesIn(kFormats));

TEST_P(EditedPlacesInEveryFormat, EveryPatchLiesInThem) {
  const Bytes before = library(GetParam()).build();
  MemorySource source(before);
  const EditedPlaces places = find_edited_places(source, parse_bytes(before));
  Edits all = path("/" + std::string(200, 'x'));
  all.soname = "libme-with-a-longer-name.so";
  all.replace_needed = {{"liba.so", "libanother.so"}};
  for (const Edits& edits : {all, path("/"), Edits{.soname = "m"}}) {
    for (const Patch& patch : rewrite_bytes(before, edits).patches) {
      for (std::size_t i = 0; i < patch.bytes.size(); ++i) {
        EXPECT_TRUE(is_in(places.ranges, patch.offset + i)) << patch.offset + i;
      }
    }
  }
}

TEST_P(EditedPlacesInEveryFormat, TheNamesThatEditsMayOverwriteAreThereAndNoOthers) {
  support::ElfBytes file = library(GetParam());
  const Bytes bytes = file.build();
  MemorySource source(bytes);
  const EditedPlaces places = find_edited_places(source, parse_bytes(bytes));
  for (const char* name : {"libme.so", "libb.so", "liba.so", "libc.so.6", "$ORIGIN/../somewhere"}) {
    EXPECT_TRUE(is_in(places.old_strings, file.string_offset(name))) << name;
  }
  for (const char* name : {"puts", "me_run", "A_1", "A_2", "GLIBC_2.17", "ME_1"}) {
    EXPECT_FALSE(is_in(places.old_strings, file.string_offset(name))) << name;
  }
  EXPECT_EQ(places.strings.substr(file.string_offset("me_run"), 6), "me_run");
}

TEST(EditedPlaces, RangesThatMeetBecomeOne) {
  std::vector<FileRange> ranges = {{30, 5}, {0, 10}, {10, 5}, {12, 1}, {20, 0}, {33, 10}};
  join_ranges(ranges);
  ASSERT_EQ(ranges.size(), 2u);
  EXPECT_EQ(ranges[0].offset, 0u);
  EXPECT_EQ(ranges[0].size, 15u);
  EXPECT_EQ(ranges[1].offset, 30u);
  EXPECT_EQ(ranges[1].size, 13u);
  EXPECT_TRUE(overlap({0, 10}, {9, 1}));
  EXPECT_FALSE(overlap({0, 10}, {10, 1}));
}

}  // namespace
}  // namespace elf
