#include "wheel/huffman_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using wheel::build_table;
using wheel::codeword_of;
using wheel::TableEntry;

using Lengths = std::vector<std::uint8_t>;

bool is_distance_code(const Lengths& lengths) {
  wheel::DistanceTable table;
  return build_table(lengths, wheel::distance_meanings(), wheel::kDistanceMainBits, true, table);
}

TEST(BuildTable, TakesCompleteCodesOnly) {
  EXPECT_TRUE(is_distance_code({1, 1}));
  EXPECT_TRUE(is_distance_code({2, 1, 2}));
  EXPECT_FALSE(is_distance_code({1, 1, 1})) << "over-subscribed";
  EXPECT_FALSE(is_distance_code({2, 2, 2})) << "incomplete";
  EXPECT_FALSE(is_distance_code({2})) << "a single codeword, of two bits";
}

TEST(BuildTable, TakesNoCodewordAndASingleOneOfOneBitAsZlibDoes) {
  EXPECT_TRUE(is_distance_code({0, 0, 0}));
  EXPECT_TRUE(is_distance_code({0, 0, 1}));
  wheel::LengthTable table;
  EXPECT_FALSE(build_table(Lengths{0, 1}, wheel::length_meanings(), 7, false, table));
}

TEST(BuildTable, RefusesATableThatIsTooSmall) {
  std::vector<TableEntry> table(255);
  EXPECT_FALSE(build_table(Lengths{1, 1}, wheel::distance_meanings(), 8, true, table));
  table.resize(256);
  EXPECT_TRUE(build_table(Lengths{1, 1}, wheel::distance_meanings(), 8, true, table));
  // Codewords of 1, 2, ... 14, 15, 15 bits: the last ones need a subtable.
  Lengths lengths;
  for (std::uint8_t i = 1; i <= 15; ++i) {
    lengths.push_back(i);
  }
  lengths.push_back(15);
  EXPECT_FALSE(build_table(lengths, wheel::distance_meanings(), 8, true, table));
}

// RFC 1951, 3.2.2: its example of the lengths (3, 3, 3, 3, 3, 2, 4, 4), with H's codeword 1111.
TEST(CodewordOf, IsWhatTheStandardSaysFirstBitLowest) {
  const Lengths lengths = {3, 3, 3, 3, 3, 2, 4, 4};
  EXPECT_EQ(codeword_of(lengths, 0).bits, 0b010u);   // A: 010
  EXPECT_EQ(codeword_of(lengths, 1).bits, 0b110u);   // B: 011
  EXPECT_EQ(codeword_of(lengths, 5).bits, 0b00u);    // F: 00
  EXPECT_EQ(codeword_of(lengths, 6).bits, 0b0111u);  // G: 1110
  EXPECT_EQ(codeword_of(lengths, 7).bits, 0b1111u);
  EXPECT_EQ(codeword_of(lengths, 7).length, 4u);
}

// Every way to fill 15 bits: each codeword, looked up, must give its symbol and its length.
TEST(BuildTable, FindsEveryCodewordAtAnyBitsBehindIt) {
  Lengths lengths;
  for (std::uint8_t i = 1; i <= 15; ++i) {
    lengths.push_back(i);
  }
  lengths.push_back(15);
  wheel::DistanceTable table;
  ASSERT_TRUE(build_table(lengths, wheel::length_meanings(), 8, false, table));
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    const auto word = codeword_of(lengths, symbol);
    for (std::uint32_t behind = 0; behind < 1u << (15 - word.length); ++behind) {
      const std::uint32_t bits = word.bits | behind << word.length;
      TableEntry entry = table[bits & 255];
      unsigned taken = 0;
      if (entry & wheel::kSubtable) {
        taken = 8;
        entry = table[(entry >> 16) + (bits >> 8 & ((1u << (entry >> 8 & 15)) - 1))];
      }
      ASSERT_EQ(entry >> 16, symbol) << bits;
      ASSERT_EQ(taken + (entry & 255), word.length) << bits;
    }
  }
}

}  // namespace
