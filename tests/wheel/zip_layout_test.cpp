#include "wheel/zip_layout.h"

#include <gtest/gtest.h>

#include "wheel/error.h"

namespace {

using wheel::lay_out;
using wheel::Member;

Member member(const std::string& name, std::uint64_t packed_bytes, std::uint64_t size) {
  Member m;
  m.name = name;
  m.packed_bytes = packed_bytes;
  m.size = size;
  return m;
}

constexpr std::uint64_t k4G = std::uint64_t{1} << 32;

TEST(Layout, PutsMembersOneBehindTheOther) {
  const auto layout = lay_out({member("a", 10, 20), member("bc", 5, 5)});
  EXPECT_EQ(layout.places[0].local, 0u);
  EXPECT_EQ(layout.places[0].data, 31u);
  EXPECT_EQ(layout.places[1].local, 41u);
  EXPECT_EQ(layout.places[1].data, 73u);
  EXPECT_EQ(layout.places[0].central, 78u);
  EXPECT_EQ(layout.places[1].central, 78u + 47);
  EXPECT_EQ(layout.archive_bytes, 78u + 47 + 48 + 22);
}

TEST(Layout, HasZip64FieldsOnlyWhereAValueNeedsThem) {
  // Size alone: both sizes in the local header, one in the central one, and the zip64 end records.
  EXPECT_EQ(lay_out({member("a", 10, k4G)}).archive_bytes, 31u + 20 + 10 + 47 + 12 + 76 + 22);
  EXPECT_EQ(lay_out({member("a", 10, k4G - 2)}).archive_bytes, 31u + 10 + 47 + 22);
  // A place beyond 4 GiB: the second member's central header, and the end records.
  const auto layout = lay_out({member("a", k4G - 2, k4G - 2), member("b", 1, 1)});
  EXPECT_EQ(layout.archive_bytes, 31 + k4G - 2 + 31 + 1 + 47 + 47 + 12 + 76 + 22);
}

TEST(Layout, RefusesTheValuesThatLibzipCannotWrite) {
  EXPECT_THROW(lay_out({member("a", 1, k4G - 1)}), wheel::Error);
  EXPECT_THROW(lay_out({member("a", k4G - 1, 1)}), wheel::Error);
  EXPECT_THROW(lay_out({member("a", k4G - 1 - 31, 1), member("b", 1, 1)}), wheel::Error);
  EXPECT_THROW(lay_out({member("a", k4G - 1 - 31, 1)}), wheel::Error);
  EXPECT_NO_THROW(lay_out({member("a", k4G - 31, 1), member("b", 1, 1)}));
}

}  // namespace
