#include "wheel/region_encoder.h"

#include <gtest/gtest.h>

#include "tests/wheel/deflaters.h"
#include "tests/wheel/zip_support.h"

namespace {

using support::text_of;
using wheel::BitWriter;
using wheel::RegionEncoder;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

/// A fixed block that ends at `phase`, and what it holds.
std::string begin_at_phase(BitWriter& bits, unsigned phase) {
  std::string content;
  bits.put(0b010, 3);
  while ((bits.pending() + 7) % 8 != phase) {
    bits.put(0b000010011, 9);  // literal 144
    content += static_cast<char>(144);
  }
  bits.put(0, 7);
  return content;
}

std::string noise(std::size_t size) {
  std::mt19937 random(4);
  std::string text;
  while (text.size() < size) {
    text += static_cast<char>(random());
  }
  return text;
}

// Noise becomes stored blocks, which begin at a whole byte: zlib must have been told the phase.
TEST(RegionEncoder, PacksAtEveryPhaseWhatEveryDecoderUnpacks) {
  for (const std::string& region : {std::string("a"), std::string(100000, 'x'), noise(100000)}) {
    for (unsigned phase = 0; phase < 8; ++phase) {
      BitWriter bits;
      std::string content = begin_at_phase(bits, phase);
      RegionEncoder first(bytes_of(content), bits);
      first.feed(bytes_of(region));
      first.finish_block();
      content += region;
      bits.put(0b010, 3);  // a block of our own right behind it, of one literal
      bits.put(0b000010011, 9);
      bits.put(0, 7);
      content += static_cast<char>(144);
      RegionEncoder second(bytes_of(content).last(std::min<std::size_t>(content.size(), 32768)),
                           bits);
      second.feed(bytes_of(region).first(region.size() / 2));
      second.feed(bytes_of(region).subspan(region.size() / 2));
      second.finish_stream();
      content += region;
      ASSERT_EQ(bits.pending(), 0u);
      ASSERT_TRUE(support::inflate_by_others(text_of(bits.bytes()), content.size()) == content)
          << region.size() << " bytes at phase " << phase;
    }
  }
}

TEST(RegionEncoder, RefersToItsDictionary) {
  const std::string before = noise(1000);
  BitWriter bits;
  RegionEncoder encoder(bytes_of(before), bits);
  encoder.feed(bytes_of(before));
  encoder.finish_stream();
  EXPECT_LT(bits.bytes().size(), 50u);
}

TEST(RegionEncoder, MakesAnEndOfNothing) {
  BitWriter bits;
  RegionEncoder encoder({}, bits);
  encoder.finish_stream();
  EXPECT_EQ(support::inflate_by_others(text_of(bits.bytes()), 0), "");
}

}  // namespace
