#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wheel {

/// What the next bits of a deflate stream (RFC 1951) mean. From the lowest bit up: 8 bits, how many
/// bits codeword and extra bits take together; 4 bits, how many the codeword takes alone; the flags
/// below; 16 bits, the value: a literal byte, the base of a length or distance, or, of a pointer,
/// where its subtable begins (the 4 bits say by how many more bits it is indexed).
using TableEntry = std::uint32_t;
inline constexpr TableEntry kEndOfBlock = 1u << 12;
inline constexpr TableEntry kSubtable = 1u << 13;
inline constexpr TableEntry kExceptional = 1u << 14;  ///< end of block, pointer, or no codeword
inline constexpr TableEntry kLiteral = 1u << 15;
inline constexpr TableEntry kNoCodeword = kExceptional;

constexpr unsigned total_bits(TableEntry entry) {
  return entry & 255;
}
constexpr unsigned codeword_bits(TableEntry entry) {
  return entry >> 8 & 15;
}

inline constexpr unsigned kLongestCodeword = 15;
inline constexpr std::size_t kLiteralSymbols = 288;
inline constexpr std::size_t kDistanceSymbols = 32;
inline constexpr std::size_t kLengthSymbols = 19;
inline constexpr std::size_t kEndOfBlockSymbol = 256;

/// The three alphabets, as entries without a codeword's length; symbols that the format does not
/// use are kNoCodeword.
std::span<const TableEntry> literal_meanings();
std::span<const TableEntry> distance_meanings();
std::span<const TableEntry> length_meanings();

/// Fills a decoding table whose first 2^main_bits entries are indexed by the next bits of the
/// stream. `lengths`: of the symbols' codewords, 0 for a symbol that has none, none over
/// kLongestCodeword. False where they make no code: over-subscribed, or incomplete, except for what
/// zlib allows: no codeword at all, or a single one of one bit, where `may_be_incomplete`. False,
/// too, where `table` is too small, which a complete code never is for the sizes below.
bool build_table(std::span<const std::uint8_t> lengths, std::span<const TableEntry> meanings,
                 unsigned main_bits, bool may_be_incomplete, std::span<TableEntry> table);

// The main bits that are quickest for each alphabet, and the most entries that a complete code then
// needs, subtables included: found by zlib's examples/enough.c, for 288, 32 and 19 symbols.
inline constexpr unsigned kLiteralMainBits = 11;
inline constexpr unsigned kDistanceMainBits = 8;
inline constexpr unsigned kLengthMainBits = 7;
using LiteralTable = std::array<TableEntry, 2342>;
using DistanceTable = std::array<TableEntry, 402>;
using LengthTable = std::array<TableEntry, 128>;

/// A codeword as it stands in the stream, first bit lowest.
struct Codeword {
  std::uint32_t bits = 0;
  unsigned length = 0;
};
/// That of a symbol which has one.
Codeword codeword_of(std::span<const std::uint8_t> lengths, std::size_t symbol);

}  // namespace wheel
