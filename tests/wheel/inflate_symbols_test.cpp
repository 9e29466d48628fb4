#include "wheel/inflate_symbols.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "tests/wheel/deflaters.h"
#include "tests/wheel/zip_support.h"
#include "wheel/bit_writer.h"

namespace {

using support::text_of;
using testing::HasSubstr;
using wheel::SymbolInflater;

SymbolInflater inflater_of(const std::string& packed) {
  return SymbolInflater(
      [&packed](std::uint64_t offset, std::span<std::byte> out) {
        const auto bytes = std::as_bytes(std::span(packed)).subspan(offset, out.size());
        std::copy(bytes.begin(), bytes.end(), out.begin());
      },
      packed.size(), "m");
}

/// What a stream unpacks to, decoded in steps of 1 to `most_bytes` bytes; nothing where it is
/// refused, has more than `limit` bytes, or does not end with the packed bytes.
std::optional<std::string> unpack(const std::string& packed, std::size_t limit,
                                  std::size_t most_bytes, std::string* why = nullptr) {
  std::vector<std::byte> out(limit + most_bytes + SymbolInflater::kLongestMatch +
                             SymbolInflater::kSlack);
  std::mt19937 random(1);
  try {
    SymbolInflater inflater = inflater_of(packed);
    inflater.place(out.data());
    while (inflater.next_block()) {
      while (inflater.run(inflater.position() + 1 + random() % most_bytes)) {
        if (inflater.position() > limit) return std::nullopt;
      }
    }
    if (inflater.position() > limit || (inflater.bit() + 7) / 8 != packed.size()) {
      return std::nullopt;
    }
    return text_of(std::span(out).first(inflater.position()));
  } catch (const wheel::Error& error) {
    EXPECT_EQ(error.member(), "m");
    if (why != nullptr) *why = error.what();
    return std::nullopt;
  }
}

std::string refusal_of(const std::string& packed) {
  std::string why = "taken";
  unpack(packed, 1000, 100, &why);
  return why;
}

std::vector<std::string> contents() {
  std::mt19937 random(11);
  std::string noise(700000, '\0');
  for (char& c : noise) {
    c = static_cast<char>(random());
  }
  std::string text;
  while (text.size() < 300000) {
    text += "the " + std::to_string(random() % 5000) + (random() % 9 == 0 ? "\n" : " and ");
  }
  return {"",    "x",  "some 23 bytes of a text", support::random_content(random, 600000),
          noise, text, std::string(3000000, '\0')};
}

TEST(SymbolInflater, UnpacksWhatEveryMakerPacks) {
  for (const std::string& content : contents()) {
    for (const auto& maker : support::makers()) {
      const std::string packed = maker.make(content);
      for (const std::size_t step : {std::size_t{100000}, std::size_t{1000}}) {
        const auto unpacked = unpack(packed, content.size(), step);
        ASSERT_TRUE(unpacked && *unpacked == content)
            << maker.name << ", " << content.size() << " bytes in steps of " << step;
      }
    }
  }
}

TEST(SymbolInflater, GoesByOneSymbolWhereOneByteIsAskedFor) {
  std::mt19937 random(5);
  const std::string content = support::random_content(random, 100000);
  for (const auto& maker : support::makers()) {
    const auto unpacked = unpack(maker.make(content), content.size(), 1);
    ASSERT_TRUE(unpacked && *unpacked == content) << maker.name;
  }
}

// A match that overlaps what it gives repeats its first bytes.
TEST(SymbolInflater, CopiesAnyLengthFromAnyNearDistance) {
  std::mt19937 random(13);
  for (std::size_t distance = 1; distance <= 20; ++distance) {
    std::string content;
    for (std::size_t length = 3; length <= SymbolInflater::kLongestMatch; ++length) {
      for (std::size_t i = 0; i < distance; ++i) {
        content += static_cast<char>(random());
      }
      for (std::size_t i = 0; i < length; ++i) {
        content += content[content.size() - distance];
      }
    }
    for (const auto& maker : support::makers()) {
      const auto unpacked = unpack(maker.make(content), content.size(), 100000);
      ASSERT_TRUE(unpacked && *unpacked == content) << maker.name << ", distance " << distance;
    }
  }
}

// The bits of a fixed block are known: 3 of the header, 8 of a literal below 144, 9 of one above, 7
// of a length of 3 and 5 of distance 1, 7 of the end.
TEST(SymbolInflater, KnowsTheBitOfEverySymbol) {
  wheel::BitWriter bits;
  bits.put(0b011, 3);
  bits.put(0b00001100, 8);   // literal 0: 00110000
  bits.put(0b000010011, 9);  // literal 144: 110010000
  bits.put(0b1000000, 7);    // length 3: 0000001
  bits.put(0b00000, 5);      // distance 1
  bits.put(0, 7);
  bits.align();
  const std::string packed = text_of(bits.bytes());
  EXPECT_EQ(support::inflate_by_others(packed, 5), std::string("\0\x90\x90\x90\x90", 5));
  std::vector<std::byte> out(1000);
  SymbolInflater inflater = inflater_of(packed);
  inflater.place(out.data());
  ASSERT_TRUE(inflater.next_block());
  EXPECT_EQ(inflater.block().header_bit, 0u);
  EXPECT_EQ(inflater.block().body_bit, 3u);
  EXPECT_TRUE(inflater.block().is_final);
  EXPECT_EQ(inflater.end_of_block().length, 7u);
  EXPECT_EQ(inflater.end_of_block().bits, 0u);
  EXPECT_TRUE(inflater.run(1));
  EXPECT_EQ(inflater.bit(), 11u);
  EXPECT_TRUE(inflater.run(2));
  EXPECT_EQ(inflater.bit(), 20u);
  EXPECT_TRUE(inflater.run(3));
  EXPECT_EQ(inflater.bit(), 32u);
  EXPECT_EQ(inflater.position(), 5u);
  EXPECT_FALSE(inflater.run(6));
  EXPECT_EQ(inflater.bit(), 39u);
  EXPECT_FALSE(inflater.next_block());
}

TEST(SymbolInflater, SaysWhatIsWrong) {
  EXPECT_THAT(refusal_of("\x07"), HasSubstr("no such block"));
  EXPECT_THAT(refusal_of(""), HasSubstr("ends in the middle"));
  EXPECT_THAT(refusal_of(std::string("\x01\x03\x00\xff\xff", 5)), HasSubstr("complement"));
  EXPECT_THAT(refusal_of(std::string("\x01\x03\x00\xfc\xff\x61", 6)),
              HasSubstr("ends in the middle"));
  EXPECT_THAT(refusal_of(std::string("\x03\x02\x00\x00", 4)), HasSubstr("before the first byte"));
  wheel::BitWriter bits;
  bits.put(0b101, 3);
  bits.put(30, 5);  // 287 codewords
  bits.put(0, 9);
  bits.put(0, 32);
  EXPECT_THAT(refusal_of(text_of(bits.bytes())), HasSubstr("too many codewords"));
}

// Every prefix of a stream is refused, by its end.
TEST(SymbolInflater, RefusesEveryStreamThatIsCutOff) {
  std::mt19937 random(3);
  const std::string content = support::random_content(random, 3000);
  for (const auto& maker : support::makers()) {
    const std::string packed = maker.make(content);
    for (std::size_t size = 0; size < packed.size(); ++size) {
      ASSERT_FALSE(unpack(packed.substr(0, size), content.size(), 500)) << maker.name << size;
    }
    ASSERT_FALSE(unpack(packed + "x", content.size(), 500)) << maker.name;
  }
}

void mutate(std::string& packed, std::mt19937& random) {
  for (auto n = 1 + random() % 3; n > 0; --n) {
    const bool near_begin = random() % 2 == 0;  // where headers are
    const std::size_t at =
        random() % (near_begin ? std::min<std::size_t>(packed.size(), 90) : packed.size());
    switch (random() % 4) {
      case 0:
        packed[at] = static_cast<char>(random());
        break;
      case 1:
        packed[at] = static_cast<char>(packed[at] ^ 1 << random() % 8);
        break;
      case 2:
        packed.erase(at, 1);
        packed += '\0';
        break;
      default:
        packed.insert(at, 1, static_cast<char>(random()));
    }
  }
}

// The fuzz test: for some seconds, streams of every maker are damaged, and zlib is the judge of
// whether they are still some, and of what.
TEST(SymbolInflater, AgreesWithZlibOnDamagedStreams) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::size_t taken = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(4);
  while (std::chrono::steady_clock::now() < end) {
    const std::string content = support::random_content(random, 1 + random() % 3000);
    for (const auto& maker : support::makers()) {
      std::string packed = maker.make(content);
      mutate(packed, random);
      constexpr std::size_t kLimit = 100000;
      std::string expected;
      const bool takes = support::zlib_takes(packed, kLimit, expected);
      const auto unpacked = unpack(packed, kLimit, 1 + random() % 3000);
      ASSERT_EQ(takes, unpacked.has_value()) << maker.name;
      ASSERT_TRUE(!takes || *unpacked == expected) << maker.name;
      taken += takes ? 1 : 0;
    }
  }
  EXPECT_GT(taken, 0u);
}

}  // namespace
