#include "wheel/inflate_symbols.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "wheel/error.h"

namespace wheel {
namespace {

static_assert(std::endian::native == std::endian::little, "bits are loaded eight bytes at a time");

constexpr std::uint64_t low_bits(std::uint64_t bits, unsigned count) {
  return bits & ((std::uint64_t{1} << count) - 1);
}

constexpr unsigned total_bits(TableEntry entry) {
  return entry & 255;
}
constexpr unsigned codeword_bits(TableEntry entry) {
  return entry >> 8 & 15;
}

/// Looks a codeword up that may be longer than the table's main bits; what was looked up last is
/// still to be taken from the bits.
template <unsigned kMainBits, typename Table>
inline TableEntry look_up(const Table& table, std::uint64_t& bits, unsigned& count) {
  TableEntry entry = table[low_bits(bits, kMainBits)];
  if (entry & kSubtable) [[unlikely]] {
    bits >>= kMainBits;
    count -= kMainBits;
    entry = table[(entry >> 16) + low_bits(bits, codeword_bits(entry))];
  }
  return entry;
}

inline std::uint32_t value_of(TableEntry entry, std::uint64_t bits) {
  return (entry >> 16) +
         static_cast<std::uint32_t>(low_bits(bits, total_bits(entry)) >> codeword_bits(entry));
}

/// Copies a match, by SymbolInflater::kSlack bytes too far at most.
inline void copy_far(std::byte* out, std::uint32_t length, std::uint32_t distance) {
  const std::byte* from = out - distance;
  std::byte* const end = out + length;
  if (distance >= 16) {
    do {
      std::memcpy(out, from, 16);
      out += 16;
      from += 16;
    } while (out < end);
  } else if (distance >= 8) {
    do {
      std::memcpy(out, from, 8);
      out += 8;
      from += 8;
    } while (out < end);
  } else if (distance == 1) {
    std::memset(out, std::to_integer<int>(*from), length);
  } else {
    do {
      *out++ = *from++;
    } while (out < end);
  }
}

}  // namespace

SymbolInflater::SymbolInflater(ReadPacked read, std::uint64_t packed_bytes, std::string member)
    : read_(std::move(read)),
      packed_bytes_(packed_bytes),
      member_(std::move(member)),
      input_(kBehind + kAhead + kInput + kPadding) {
  next_ = end_ = input_.data() + kBehind;
  load();
}

void SymbolInflater::refuse(const std::string& why) const {
  throw Error(member_,
              "its packed data is damaged at byte " + std::to_string(bit() / 8) + ": " + why);
}

std::uint64_t SymbolInflater::bit() const {
  return (loaded_ + static_cast<std::uint64_t>(next_ - end_)) * 8 - count_;
}

/// Sees to it that kAhead bytes are there, or, at the end, the padding.
void SymbolInflater::load() {
  if (end_ - next_ >= static_cast<std::ptrdiff_t>(kAhead) || loaded_ == packed_bytes_) {
    return;
  }
  const auto kept = static_cast<std::size_t>(end_ - next_) + kBehind;
  std::memmove(input_.data(), next_ - kBehind, kept);
  const auto size = static_cast<std::size_t>(
      std::min<std::uint64_t>(input_.size() - kPadding - kept, packed_bytes_ - loaded_));
  read_(loaded_, std::span(input_).subspan(kept, size));
  loaded_ += size;
  next_ = input_.data() + kBehind;
  end_ = input_.data() + kept + size;
  if (loaded_ == packed_bytes_) {
    std::memset(input_.data() + kept + size, 0, kPadding);
  }
}

/// 56 bits or more.
inline void SymbolInflater::refill() {
  std::uint64_t word;
  std::memcpy(&word, next_, sizeof word);
  bits_ |= word << count_;
  next_ += (63 - count_) >> 3;
  count_ |= 56;
}

std::uint32_t SymbolInflater::take(unsigned count) {
  const auto value = static_cast<std::uint32_t>(low_bits(bits_, count));
  bits_ >>= count;
  count_ -= count;
  return value;
}

/// The padding makes reading safe, this makes it right. Before anything more is read: no more than
/// the padding may lie behind the end.
void SymbolInflater::refuse_if_cut_off() const {
  if (bit() > packed_bytes_ * 8) {
    throw Error(member_, "its packed data ends in the middle of the deflate stream");
  }
}

bool SymbolInflater::next_block() {
  if (block_.is_final) {
    return false;
  }
  load();
  block_ = {.header_bit = bit(), .begin = position_};
  refill();
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
  return true;
}

void SymbolInflater::begin_stored() {
  // Back to the first byte that is not begun.
  next_ -= count_ / 8;
  bits_ = 0;
  count_ = 0;
  refill();
  const std::uint32_t size = take(16);
  const std::uint32_t complement = take(16);
  refuse_if_cut_off();
  if ((size ^ complement) != 0xffff) {
    refuse("the length of a stored block and its complement do not match");
  }
  next_ -= count_ / 8;
  bits_ = 0;
  count_ = 0;
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
    refill();
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
    refill();
    const TableEntry entry = table[low_bits(bits_, kLengthMainBits)];
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

bool SymbolInflater::run(std::uint64_t limit) {
  if (block_.type == DeflateBlock::Type::kStored) {
    return run_stored(limit);
  }
  while (position_ < limit) {
    load();
    constexpr std::uint64_t kMargin = kLongestMatch + 3;
    if (limit - position_ > kMargin && end_ - next_ >= static_cast<std::ptrdiff_t>(kAhead)) {
      if (!run_fast(limit - kMargin)) {
        return false;
      }
    } else if (!decode_symbol()) {
      return false;
    }
  }
  return true;
}

bool SymbolInflater::run_stored(std::uint64_t limit) {
  while (position_ < limit && stored_left_ > 0) {
    load();
    const auto size = static_cast<std::size_t>(
        std::min({static_cast<std::uint64_t>(end_ - next_), stored_left_, limit - position_}));
    if (size == 0) {
      throw Error(member_, "its packed data ends in the middle of the deflate stream");
    }
    std::memcpy(out_, next_, size);
    next_ += size;
    out_ += size;
    position_ += size;
    stored_left_ -= size;
  }
  return stored_left_ > 0;
}

/// One symbol; false where that ends the block.
bool SymbolInflater::decode_symbol() {
  refill();
  const TableEntry entry = look_up<kLiteralMainBits>(literals_, bits_, count_);
  if (entry & kLiteral) {
    take(total_bits(entry));
    refuse_if_cut_off();
    *out_++ = static_cast<std::byte>(entry >> 16);
    ++position_;
    return true;
  }
  if (entry & kExceptional) {
    if ((entry & kEndOfBlock) == 0) {
      refuse("there is no such literal or length");
    }
    take(total_bits(entry));
    refuse_if_cut_off();
    return false;
  }
  const std::uint32_t length = value_of(entry, bits_);
  take(total_bits(entry));
  const TableEntry far = look_up<kDistanceMainBits>(distances_, bits_, count_);
  if (far & kExceptional) {
    refuse("there is no such distance");
  }
  const std::uint32_t distance = value_of(far, bits_);
  take(total_bits(far));
  refuse_if_cut_off();
  if (distance > position_) {
    refuse("a match reaches back before the first byte");
  }
  copy_far(out_, length, distance);
  out_ += length;
  position_ += length;
  return true;
}

/// As decode_symbol(), until position() >= limit or the input loaded comes to its end: but for 258
/// + 2 bytes no more.
bool SymbolInflater::run_fast(std::uint64_t limit) {
  // All in registers: what is written through `out` could be any member.
  const std::byte* next = next_;
  const std::byte* const last = end_ - 32;  // each round reads 24 bytes at most
  std::uint64_t bits = bits_;
  unsigned count = count_;
  std::byte* out = out_;
  std::byte* const stop = out_ + (limit - position_);
  const auto refill_here = [&] {
    std::uint64_t word;
    std::memcpy(&word, next, sizeof word);
    bits |= word << count;
    next += (63 - count) >> 3;
    count |= 56;
  };
  const auto keep = [&] {
    next_ = next;
    bits_ = bits;
    count_ = count;
    position_ += static_cast<std::uint64_t>(out - out_);
    out_ = out;
  };
  bool in_block = true;
  while (out < stop && next < last) {
    refill_here();
    TableEntry entry = literals_[low_bits(bits, kLiteralMainBits)];
    // Three literals of the main table take 33 bits of the 56, so that a length of 20 still fits.
    for (int i = 0; i < 3 && (entry & kLiteral); ++i) {
      bits >>= total_bits(entry);
      count -= total_bits(entry);
      *out++ = static_cast<std::byte>(entry >> 16);
      entry = literals_[low_bits(bits, kLiteralMainBits)];
    }
    if (entry & kLiteral) {
      continue;
    }
    if (entry & kExceptional) {
      if (entry & kSubtable) {
        bits >>= kLiteralMainBits;
        count -= kLiteralMainBits;
        entry = literals_[(entry >> 16) + low_bits(bits, codeword_bits(entry))];
      }
      if (entry & kLiteral) {
        bits >>= total_bits(entry);
        count -= total_bits(entry);
        *out++ = static_cast<std::byte>(entry >> 16);
        continue;
      }
      if (entry & kExceptional) {
        if ((entry & kEndOfBlock) == 0) {
          keep();
          refuse("there is no such literal or length");
        }
        bits >>= total_bits(entry);
        count -= total_bits(entry);
        in_block = false;
        break;
      }
    }
    const std::uint32_t length = value_of(entry, bits);
    bits >>= total_bits(entry);
    count -= total_bits(entry);
    refill_here();
    const TableEntry far = look_up<kDistanceMainBits>(distances_, bits, count);
    if (far & kExceptional) {
      keep();
      refuse("there is no such distance");
    }
    const std::uint32_t distance = value_of(far, bits);
    bits >>= total_bits(far);
    count -= total_bits(far);
    if (distance > position_ + static_cast<std::uint64_t>(out - out_)) {
      keep();
      refuse("a match reaches back before the first byte");
    }
    copy_far(out, length, distance);
    out += length;
  }
  keep();
  return in_block;
}

}  // namespace wheel
