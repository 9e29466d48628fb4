#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "wheel/huffman_table.h"
#include "wheel/inflate_point.h"
#include "wheel/read_packed.h"

namespace wheel {

static_assert(std::endian::native == std::endian::little, "bits are loaded eight bytes at a time");

/// The next `count` bits of a stream, first bit lowest.
constexpr std::uint64_t low_bits(std::uint64_t bits, unsigned count) {
  return bits & ((std::uint64_t{1} << count) - 1);
}

/// Bits and bytes are counted from the begin of the packed data and of the unpacked bytes.
struct DeflateBlock {
  enum class Type : std::uint8_t { kStored, kFixed, kDynamic };  ///< BTYPE of RFC 1951
  Type type = Type::kStored;
  bool is_final = false;
  std::uint64_t header_bit = 0;   ///< its first bit, BFINAL
  std::uint64_t body_bit = 0;     ///< its first symbol, or first stored byte
  std::uint64_t begin = 0;        ///< where its first byte goes
  std::uint64_t stored_size = 0;  ///< bytes; of a stored one
};

/// Unpacks raw deflate (RFC 1951) and knows of every symbol at which bit it stands, which ISA-L and
/// zlib do not tell. It takes what zlib takes, and refuses what zlib refuses. Holds the packed data
/// in pieces, and no unpacked bytes: the caller gives the place for them, and keeps there what
/// later bytes refer to.
class SymbolInflater {
 public:
  static constexpr std::size_t kHistory = std::size_t{32} << 10;  ///< deflate looks back no further
  static constexpr std::size_t kLongestMatch = 258;
  /// What may be written over behind the bytes that run() decodes.
  static constexpr std::size_t kSlack = 64;

  /// `member`: its name, for errors.
  SymbolInflater(ReadPacked read, std::uint64_t packed_bytes, std::string member);

  /// Where the next byte goes. All bytes so far, or the last kHistory of them, stand before it.
  void place(std::byte* out) { out_ = out; }
  std::byte* out() const { return out_; }

  /// Reads the header of the next block; false where the last one is over. Only where run() has
  /// said that the block before is over. Throws wheel::Error, as run() does, for what is no deflate
  /// stream.
  bool next_block();
  const DeflateBlock& block() const { return block_; }

  /// Decodes symbols of this block until position() >= limit; by kLongestMatch - 1 bytes more at
  /// most, of a stored block exactly. There must be room for those and kSlack. With position() + 1
  /// it decodes exactly one symbol. False: the block is over, and its end-of-block symbol is read,
  /// or there is none yet.
  bool run(std::uint64_t limit);

  /// Where it stands, with the history. resume() goes on from there, in this or another inflater of
  /// the same packed data; place() must be called behind it. Throws wheel::Error where the data
  /// has changed and there is no such place any more.
  InflatePoint point() const;
  void resume(const InflatePoint& point);

  /// The unpacked bytes so far.
  std::uint64_t position() const { return position_; }
  /// Where the next symbol, stored byte or header stands.
  std::uint64_t bit() const;

  /// What ends this block, which is a fixed or a dynamic one.
  Codeword end_of_block() const { return codeword_of(literal_lengths_, kEndOfBlockSymbol); }

 private:
  static constexpr std::size_t kInput = std::size_t{256} << 10;
  static constexpr std::size_t kBehind = 8;    ///< bytes kept before next, for going back to one
  static constexpr std::size_t kAhead = 1024;  ///< more than any header has
  static constexpr std::size_t kPadding = 32;  ///< zeros behind the end, so that refilling needs no
                                               ///< check; what comes from there is refused later

  /// The packed bits to come.
  struct Input {
    const std::byte* next = nullptr;  ///< the first byte that is not wholly in `bits`
    std::uint64_t bits = 0;           ///< above `count` they are true, but not counted
    std::uint64_t count = 0;          ///< its low 6 bits; above these, run_fast() leaves garbage

    /// 56 bits or more.
    void refill() {
      std::uint64_t word = 0;
      std::memcpy(&word, next, sizeof word);
      bits |= word << (count & 63);
      next += 7 - (count >> 3 & 7);
      count |= 56;
    }
    /// Of an entry its total_bits() are dropped, with no mask: a processor shifts by the low 6 bits
    /// of a number anyway.
    void drop(TableEntry entry) {
      bits >>= entry & 63;
      count -= entry;
    }
  };

  [[noreturn]] void refuse(const std::string& why) const;
  void load();
  void seek(std::uint64_t bit);
  std::uint32_t take(unsigned count) {
    const auto value = static_cast<std::uint32_t>(low_bits(in_.bits, count));
    in_.drop(count);
    return value;
  }
  void refuse_if_cut_off() const;
  template <unsigned kMainBits, typename Table>
  TableEntry look_up(const Table& table);

  void go_to_byte();
  void begin_stored();
  void read_code_lengths();
  void read_repeats(std::span<std::uint8_t> lengths, const LengthTable& table);
  void build_tables(std::size_t literals, std::size_t distances);
  bool run_stored(std::uint64_t limit);
  bool run_fast(std::uint64_t limit);
  bool decode_symbol();

  ReadPacked read_;
  std::uint64_t packed_bytes_;
  std::string member_;

  std::vector<std::byte> input_;
  Input in_;
  const std::byte* end_ = nullptr;  ///< of what is loaded, before the padding
  std::uint64_t loaded_ = 0;        ///< packed bytes up to end_

  std::byte* out_ = nullptr;
  std::uint64_t position_ = 0;
  DeflateBlock block_;
  bool over_ = true;  ///< the block, or there is none yet
  std::uint64_t stored_left_ = 0;
  std::array<std::uint8_t, kLiteralSymbols> literal_lengths_{};
  std::array<std::uint8_t, kDistanceSymbols> distance_lengths_{};
  LiteralTable literals_{};
  DistanceTable distances_{};
};

}  // namespace wheel
