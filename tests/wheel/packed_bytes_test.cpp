#include "wheel/packed_bytes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "tests/wheel/zip_support.h"
#include "wheel/error.h"

namespace {

using support::MemoryFile;
using wheel::PackedBytes;

std::string read(const PackedBytes& bytes, std::uint64_t offset, std::size_t size) {
  std::string out(size, '?');
  bytes.read(offset, std::as_writable_bytes(std::span(out)));
  return out;
}

/// "cde" "XY" "h" "Z": of two files in turn, the second without its first bytes.
struct Parts {
  MemoryFile one{"abcdefgh"};
  MemoryFile other{"...XYZ"};
  PackedBytes bytes{std::vector<wheel::FilePart>{{one.descriptor(), 2, 3},
                                                 {other.descriptor(), 3, 2},
                                                 {one.descriptor(), 7, 1},
                                                 {other.descriptor(), 5, 1}}};
};

TEST(PackedBytes, AreReadAcrossParts) {
  const Parts parts;
  const std::string all = "cdeXYhZ";
  for (std::size_t begin = 0; begin <= all.size(); ++begin) {
    for (std::size_t size = 0; size <= all.size() - begin; ++size) {
      EXPECT_EQ(read(parts.bytes, begin, size), all.substr(begin, size)) << begin << "+" << size;
    }
  }
}

TEST(PackedBytes, AreCopiedOneBehindTheOther) {
  const Parts parts;
  const MemoryFile to("....................");
  std::uint64_t told = 0;
  parts.bytes.copy(to.descriptor(), 5, [&](std::uint64_t bytes) { told = bytes; });
  std::string text(20, '?');
  ASSERT_EQ(pread(to.descriptor(), text.data(), text.size(), 0), 20);
  EXPECT_EQ(text, ".....cdeXYhZ........");
  EXPECT_EQ(told, 7u);
}

TEST(PackedBytes, OfATextAreItsOwn) {
  EXPECT_EQ(read(PackedBytes(std::string("packed")), 2, 3), "cke");
}

TEST(PackedBytes, EndWhereTheyEnd) {
  const Parts parts;
  EXPECT_THROW(read(parts.bytes, 0, 8), wheel::Error);
  EXPECT_THROW(read(parts.bytes, 8, 0), wheel::Error);
  EXPECT_THROW(read(PackedBytes(std::string("packed")), 5, 2), wheel::Error);
}

}  // namespace
