#include "wheel/phase_pad.h"

#include <gtest/gtest.h>

#include "tests/wheel/deflaters.h"
#include "tests/wheel/zip_support.h"

namespace {

// A stored block ends at a whole byte, and a fixed one with 0 to 7 literals of 9 bits at every bit
// of one; what follows the pad then decodes only if it is where it should be.
TEST(PadToPhase, IsNothingToAnyDecoderFromEveryBitToEveryOther) {
  for (unsigned from = 0; from < 8; ++from) {
    for (unsigned to = 0; to < 8; ++to) {
      wheel::BitWriter bits;
      std::string content;
      bits.put(0b010, 3);
      while ((bits.pending() + 7) % 8 != from) {
        bits.put(0b000010011, 9);  // literal 144: 110010000
        content += static_cast<char>(144);
      }
      bits.put(0, 7);
      const std::size_t before = bits.bytes().size() * 8 + bits.pending();
      ASSERT_EQ(before % 8, from);
      wheel::pad_to_phase(bits, to);
      const std::size_t added = bits.bytes().size() * 8 + bits.pending() - before;
      EXPECT_EQ(bits.pending(), to);
      EXPECT_LE(added, 125u);
      EXPECT_TRUE(from != to || added == 0);
      bits.put(0b011, 3);
      bits.put(0, 7);
      bits.align();
      EXPECT_EQ(support::inflate_by_others(support::text_of(bits.bytes()), content.size()),
                content);
    }
  }
}

}  // namespace
