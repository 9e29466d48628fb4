#include "elf/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

#include "elf/error.h"

namespace elf {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

/// Bytes whose value is their offset, modulo 251; counts the reads.
class CountingSource final : public Source {
 public:
  explicit CountingSource(std::uint64_t size) : size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<std::byte> out) override {
    ++reads;
    for (std::byte& byte : out) byte = static_cast<std::byte>(offset++ % 251);
  }
  int reads = 0;

 private:
  std::uint64_t size_;
};

TEST(Bytes, NumbersAreReadAndWrittenInBothOrders) {
  std::array<std::byte, 4> bytes{};
  encode(0x01020304, bytes, ByteOrder::kBig);
  EXPECT_EQ(bytes[0], std::byte{1});
  EXPECT_EQ(decode(bytes, ByteOrder::kBig), 0x01020304u);
  EXPECT_EQ(decode(bytes, ByteOrder::kLittle), 0x04030201u);
}

TEST(Bytes, AFieldThatIsWiderThanTheNumberKeepsItsLowerBytes) {
  std::array<std::byte, 2> bytes{};
  encode(0x123456, bytes, ByteOrder::kLittle);
  EXPECT_EQ(decode(bytes, ByteOrder::kLittle), 0x3456u);
}

TEST(Bytes, RangesThatWouldWrapDoNotFit) {
  EXPECT_TRUE(fits(0, 10, 10));
  EXPECT_TRUE(fits(10, 0, 10));
  EXPECT_FALSE(fits(1, 10, 10));
  EXPECT_FALSE(fits(11, 0, 10));
  EXPECT_FALSE(fits(1, kMax, 10));
  EXPECT_FALSE(fits(kMax, 1, 10));
  EXPECT_FALSE(fits(kMax, kMax, kMax - 1));
  EXPECT_THROW(checked_add(kMax, 1, 0, "a sum"), Error);
  EXPECT_EQ(checked_add(kMax, 0, 0, "a sum"), kMax);
}

TEST(Reader, RefusesWhatLiesOutsideTheFileAndSaysWhere) {
  CountingSource source(100);
  Reader reader(source, {});
  EXPECT_EQ(reader.number(96, 4, "a word") & 0xff, 96u);
  try {
    reader.view(97, 4, "the last word");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.offset(), 97u);
    EXPECT_STREQ(error.what(), "the last word reaches past the end of the file");
  }
  std::vector<std::byte> out(101);
  EXPECT_THROW(reader.copy(0, out, "all"), Error);
  EXPECT_THROW(reader.view(kMax, 4, "a wild word"), Error);
}

TEST(Reader, ManySmallReadsInARowCostOneReadOfTheSource) {
  CountingSource source(10'000);
  Reader reader(source, {});
  for (std::uint64_t offset = 0; offset < 9'000; offset += 24) reader.view(offset, 24, "a symbol");
  EXPECT_EQ(source.reads, 1);
}

TEST(Reader, StreamsWholeRecordsAndLeavesOutARest) {
  CountingSource source(1'000'000);
  Reader reader(source, {});
  std::uint64_t next = 7;
  reader.stream(7, 24 * 40'000 + 5, 24, "records",
                [&](std::uint64_t at, std::span<const std::byte> piece) {
                  EXPECT_EQ(at, next);
                  EXPECT_EQ(piece.size() % 24, 0u);
                  EXPECT_EQ(piece.front(), static_cast<std::byte>(at % 251));
                  next += piece.size();
                  return true;
                });
  EXPECT_EQ(next, 7 + 24 * 40'000u);
}

TEST(Reader, RecordsThatLieAcrossBlocksDoNotSendTheSourceBack) {
  class Forward final : public Source {
   public:
    std::uint64_t size() const override { return 100'000'000; }
    void read(std::uint64_t offset, std::span<std::byte> out) override {
      EXPECT_EQ(offset, next);
      next = offset + out.size();
      for (std::byte& byte : out) byte = static_cast<std::byte>(offset++ % 251);
    }
    std::uint64_t next = 0;
  } source;
  Reader reader(source, {});
  std::uint64_t sum = 0;
  reader.stream(0, source.size(), 24, "symbols",
                [&](std::uint64_t at, std::span<const std::byte> piece) {
                  EXPECT_EQ(piece.front(), static_cast<std::byte>(at % 251));
                  sum += piece.size();
                  return true;
                });
  EXPECT_EQ(sum, 100'000'000 / 24 * 24);
}

TEST(Reader, RefusesAFileThatSendsItBackWithoutEnd) {
  CountingSource source(1'000'000);
  Reader reader(source, {});
  EXPECT_THROW(
      for (int i = 0; i < 2'000; ++i) reader.number(i % 2 == 0 ? 500'000 : 0, 4, "a record"),
      Error);
  EXPECT_LT(source.reads, 2'000);
}

}  // namespace
}  // namespace elf
