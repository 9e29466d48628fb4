#include <algorithm>

#include "wheel/inflate_symbols.h"

// What a block says of itself before its symbols: type, stored length, codes.
namespace wheel {

bool SymbolInflater::next_block() {
  if (block_.is_final) {
    return false;
  }
  load();
  block_ = {.header_bit = bit(), .begin = position_};
  in_.refill();
  block_.is_final = take(1) != 0;
  const std::uint32_t type = take(2);
  refuse_if_cut_off();
  block_.type = static_cast<DeflateBlock::Type>(type);
  switch (type) {
    case 0:
      begin_stored();
      break;
    case 1:  // RFC 1951, 3.2.6
      std::fill_n(literal_lengths_.begin(), 144, std::uint8_t{8});
      std::fill_n(literal_lengths_.begin() + 144, 112, std::uint8_t{9});
      std::fill_n(literal_lengths_.begin() + 256, 24, std::uint8_t{7});
      std::fill_n(literal_lengths_.begin() + 280, 8, std::uint8_t{8});
      distance_lengths_.fill(5);
      build_tables(kLiteralSymbols, kDistanceSymbols);
      break;
    case 2:
      read_code_lengths();
      break;
    default:
      refuse("there is no such block");
  }
  block_.body_bit = bit();
  over_ = false;
  return true;
}

InflatePoint SymbolInflater::point() const {
  const auto known = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(position_, kHistory));
  return {.header_bit = block_.header_bit,
          .block_begin = block_.begin,
          .bit = bit(),
          .position = position_,
          .over = over_,
          .history = {out_ - known, out_}};
}

void SymbolInflater::resume(const InflatePoint& point) {
  seek(point.header_bit);
  position_ = point.block_begin;
  block_ = {};
  over_ = true;
  if (point.bit == 0) {
    return;
  }
  next_block();
  const bool is_stored = block_.type == DeflateBlock::Type::kStored;
  if (point.bit < block_.body_bit || point.position < block_.begin ||
      (is_stored && (point.bit % 8 != 0 || point.position - block_.begin > block_.stored_size))) {
    refuse("it is not what it was when it was read before");
  }
  seek(point.bit);
  position_ = point.position;
  over_ = point.over;
  if (is_stored) {
    go_to_byte();
    stored_left_ = block_.begin + block_.stored_size - position_;
  }
}

/// Back to the first byte that is not begun.
void SymbolInflater::go_to_byte() {
  in_ = {.next = in_.next - in_.count / 8};
}

void SymbolInflater::begin_stored() {
  go_to_byte();
  in_.refill();
  const std::uint32_t size = take(16);
  const std::uint32_t complement = take(16);
  refuse_if_cut_off();
  if ((size ^ complement) != 0xffff) {
    refuse("the length of a stored block and its complement do not match");
  }
  go_to_byte();
  block_.stored_size = stored_left_ = size;
}

// RFC 1951, 3.2.7.
void SymbolInflater::read_code_lengths() {
  constexpr std::array<std::uint8_t, kLengthSymbols> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                               11, 4,  12, 3, 13, 2, 14, 1, 15};
  const std::size_t literals = 257 + take(5);
  const std::size_t distances = 1 + take(5);
  const std::size_t lengths = 4 + take(4);
  if (literals > 286 || distances > 30) {
    refuse("a block has too many codewords");
  }
  std::array<std::uint8_t, kLengthSymbols> of_lengths{};
  for (std::size_t i = 0; i < lengths; ++i) {
    in_.refill();
    of_lengths[kOrder[i]] = static_cast<std::uint8_t>(take(3));
  }
  refuse_if_cut_off();
  LengthTable table;
  if (!build_table(of_lengths, length_meanings(), kLengthMainBits, false, table)) {
    refuse("the code of the code lengths is none");
  }
  std::array<std::uint8_t, kLiteralSymbols + kDistanceSymbols> all{};
  read_repeats(std::span(all).first(literals + distances), table);
  std::copy_n(all.begin(), literals, literal_lengths_.begin());
  std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(literals), distances,
              distance_lengths_.begin());
  if (literal_lengths_[kEndOfBlockSymbol] == 0) {
    refuse("a block has no end");
  }
  build_tables(literals, distances);
}

void SymbolInflater::read_repeats(std::span<std::uint8_t> lengths, const LengthTable& table) {
  for (std::size_t i = 0; i < lengths.size();) {
    in_.refill();
    const TableEntry entry = table[low_bits(in_.bits, kLengthMainBits)];
    take(codeword_bits(entry));
    const std::uint32_t symbol = entry >> 16;
    std::size_t times = 1;
    std::uint8_t length = 0;
    if (symbol < 16) {
      length = static_cast<std::uint8_t>(symbol);
    } else if (symbol == 16) {
      if (i == 0) {
        refuse("the first code length is to repeat the one before");
      }
      length = lengths[i - 1];
      times = 3 + take(2);
    } else {
      times = symbol == 17 ? 3 + take(3) : 11 + take(7);
    }
    refuse_if_cut_off();
    if (times > lengths.size() - i) {
      refuse("there are more code lengths than codewords");
    }
    std::fill_n(lengths.begin() + static_cast<std::ptrdiff_t>(i), times, length);
    i += times;
  }
}

void SymbolInflater::build_tables(std::size_t literals, std::size_t distances) {
  std::fill(literal_lengths_.begin() + static_cast<std::ptrdiff_t>(literals),
            literal_lengths_.end(), std::uint8_t{0});
  std::fill(distance_lengths_.begin() + static_cast<std::ptrdiff_t>(distances),
            distance_lengths_.end(), std::uint8_t{0});
  if (!build_table(literal_lengths_, literal_meanings(), kLiteralMainBits, true, literals_) ||
      !build_table(distance_lengths_, distance_meanings(), kDistanceMainBits, true, distances_)) {
    refuse("the codewords of a block are over-subscribed or incomplete");
  }
}

}  // namespace wheel
