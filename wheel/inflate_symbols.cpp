#include "wheel/inflate_symbols.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "wheel/error.h"

namespace wheel {
namespace {

constexpr unsigned kRefilled = 56;
constexpr unsigned kMostLengthBits = kLongestCodeword + 5;
constexpr unsigned kMostDistanceBits = kLongestCodeword + 13;

/// `bits`: from the codeword on.
inline std::uint32_t value_of(TableEntry entry, std::uint64_t bits) {
  return (entry >> 16) +
         static_cast<std::uint32_t>(low_bits(bits, entry & 63) >> (entry >> 8 & 63));
}

inline void copy_five_words(std::byte*& to, const std::byte*& from) {
  for (int i = 0; i < 5; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    std::memcpy(to, &word, sizeof word);
    to += sizeof word;
    from += sizeof word;
  }
}

/// Copies a match, by SymbolInflater::kSlack bytes too far at most.
inline void copy_match(std::byte* to, std::uint32_t length, std::uint32_t distance) {
  const std::byte* from = to - distance;
  std::byte* const end = to + length;
  if (distance >= 8) [[likely]] {
    copy_five_words(to, from);  // most matches are no longer
    while (to < end) {
      copy_five_words(to, from);
    }
    return;
  }
  // What repeats, as often as it goes into a word: the factor has a bit set for each time.
  struct Repeat {
    std::uint64_t factor;
    std::size_t bytes;
  };
  static constexpr std::array<Repeat, 8> kRepeats = {{{},
                                                      {0x0101010101010101, 8},
                                                      {0x0001000100010001, 8},
                                                      {0x0000000001000001, 6},
                                                      {0x0000000100000001, 8},
                                                      {0x0000010000000001, 5},
                                                      {0x0001000000000001, 6},
                                                      {0x0100000000000001, 7}}};
  const Repeat& repeat = kRepeats[distance];
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  word = low_bits(word, 8 * distance) * repeat.factor;
  do {
    std::memcpy(to, &word, sizeof word);
    to += repeat.bytes;
    std::memcpy(to, &word, sizeof word);
    to += repeat.bytes;
  } while (to < end);
}

}  // namespace

SymbolInflater::SymbolInflater(ReadPacked read, std::uint64_t packed_bytes, std::string member)
    : read_(std::move(read)),
      packed_bytes_(packed_bytes),
      member_(std::move(member)),
      input_(kBehind + kAhead + kInput + kPadding) {
  in_.next = end_ = input_.data() + kBehind;
  load();
}

void SymbolInflater::refuse(const std::string& why) const {
  throw Error(member_,
              "its packed data is damaged at byte " + std::to_string(bit() / 8) + ": " + why);
}

std::uint64_t SymbolInflater::bit() const {
  return (loaded_ + static_cast<std::uint64_t>(in_.next - end_)) * 8 - in_.count;
}

/// Sees to it that kAhead bytes are there, or, at the end, the padding.
void SymbolInflater::load() {
  if (end_ - in_.next >= static_cast<std::ptrdiff_t>(kAhead) || loaded_ == packed_bytes_) {
    return;
  }
  const auto kept = static_cast<std::size_t>(end_ - in_.next) + kBehind;
  std::memmove(input_.data(), in_.next - kBehind, kept);
  const auto size = static_cast<std::size_t>(
      std::min<std::uint64_t>(input_.size() - kPadding - kept, packed_bytes_ - loaded_));
  read_(loaded_, std::span(input_).subspan(kept, size));
  loaded_ += size;
  in_.next = input_.data() + kBehind;
  end_ = input_.data() + kept + size;
  if (loaded_ == packed_bytes_) {
    std::memset(input_.data() + kept + size, 0, kPadding);
  }
}

void SymbolInflater::seek(std::uint64_t bit) {
  loaded_ = bit / 8;
  in_ = {.next = input_.data() + kBehind};
  end_ = in_.next;
  std::memset(input_.data() + kBehind, 0, kPadding);
  load();
  in_.refill();
  take(static_cast<unsigned>(bit % 8));
}

/// The padding makes reading safe, this makes it right. Before anything more is read: no more than
/// the padding may lie behind the end.
void SymbolInflater::refuse_if_cut_off() const {
  if (bit() > packed_bytes_ * 8) {
    throw Error(member_, "its packed data ends in the middle of the deflate stream");
  }
}

bool SymbolInflater::run(std::uint64_t limit) {
  if (over_) {
    return false;
  }
  if (block_.type == DeflateBlock::Type::kStored) {
    over_ = !run_stored(limit);
    return !over_;
  }
  while (position_ < limit) {
    load();
    constexpr std::uint64_t kMargin = kLongestMatch + 3;
    if (limit - position_ > kMargin && end_ - in_.next >= static_cast<std::ptrdiff_t>(kAhead)) {
      over_ = !run_fast(limit - kMargin);
    } else {
      over_ = !decode_symbol();
    }
    if (over_) {
      return false;
    }
  }
  return true;
}

bool SymbolInflater::run_stored(std::uint64_t limit) {
  while (position_ < limit && stored_left_ > 0) {
    load();
    const auto size = static_cast<std::size_t>(
        std::min({static_cast<std::uint64_t>(end_ - in_.next), stored_left_, limit - position_}));
    if (size == 0) {
      throw Error(member_, "its packed data ends in the middle of the deflate stream");
    }
    std::memcpy(out_, in_.next, size);
    in_.next += size;
    out_ += size;
    position_ += size;
    stored_left_ -= size;
  }
  return stored_left_ > 0;
}

/// Looks a codeword up, and drops what a main table tells of one that is longer.
template <unsigned kMainBits, typename Table>
TableEntry SymbolInflater::look_up(const Table& table) {
  TableEntry entry = table[low_bits(in_.bits, kMainBits)];
  if (entry & kSubtable) {
    take(kMainBits);
    entry = table[(entry >> 16) + low_bits(in_.bits, codeword_bits(entry))];
  }
  return entry;
}

/// One symbol; false where that ends the block.
bool SymbolInflater::decode_symbol() {
  in_.refill();
  const TableEntry entry = look_up<kLiteralMainBits>(literals_);
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
  const std::uint32_t length = value_of(entry, in_.bits);
  take(total_bits(entry));
  const TableEntry far = look_up<kDistanceMainBits>(distances_);
  if (far & kExceptional) {
    refuse("there is no such distance");
  }
  const std::uint32_t distance = value_of(far, in_.bits);
  take(total_bits(far));
  refuse_if_cut_off();
  if (distance > position_) {
    refuse("a match reaches back before the first byte");
  }
  copy_match(out_, length, distance);
  out_ += length;
  position_ += length;
  return true;
}

/// As decode_symbol(), until position() >= limit or the input loaded comes to its end: but for 258
/// + 2 bytes no more.
bool SymbolInflater::run_fast(std::uint64_t limit) {
  // All in registers: what is written through `out` could be any member, and a call that takes the
  // address of one of these would put them all into memory. So there is none until the end.
  Input in = in_;
  std::byte* out = out_;
  const std::byte* const last = end_ - 32;  // a round reads up to 7 + 8 bytes behind where it began
  const std::byte* const stop = out_ + (limit - position_);
  const std::byte* const first = out_ - std::min<std::uint64_t>(position_, kHistory);
  bool in_block = true;
  const char* flaw = nullptr;

  // Each round begins with its first entry looked up already, and the bits refilled: so that the
  // next look-up need not wait for what else is to be done for the present symbol.
  in.refill();
  TableEntry entry = literals_[low_bits(in.bits, kLiteralMainBits)];
  do {
    static_assert(3 * kLiteralMainBits + kLiteralMainBits <= kRefilled);
    static_assert(2 * kLiteralMainBits + kLongestCodeword + kLiteralMainBits <= kRefilled);
    static_assert(2 * kLiteralMainBits + kMostLengthBits + kDistanceMainBits <= kRefilled);
    std::uint64_t bits = in.bits;
    in.drop(entry);
    if (entry & kLiteral) {
      *out++ = static_cast<std::byte>(entry >> 16);
      entry = literals_[low_bits(in.bits, kLiteralMainBits)];
      bits = in.bits;
      in.drop(entry);
      if (entry & kLiteral) {
        *out++ = static_cast<std::byte>(entry >> 16);
        entry = literals_[low_bits(in.bits, kLiteralMainBits)];
        bits = in.bits;
        in.drop(entry);
      }
    }
    if (entry & kSubtable) [[unlikely]] {
      entry = literals_[(entry >> 16) + low_bits(in.bits, codeword_bits(entry))];
      bits = in.bits;
      in.drop(entry);
    }
    if (entry & kLiteral) {
      const auto literal = static_cast<std::byte>(entry >> 16);
      entry = literals_[low_bits(in.bits, kLiteralMainBits)];
      in.refill();
      *out++ = literal;
      continue;
    }
    if (entry & kExceptional) [[unlikely]] {
      in_block = false;
      flaw = entry & kEndOfBlock ? nullptr : "there is no such literal or length";
      break;
    }
    const std::uint32_t length = value_of(entry, bits);

    entry = distances_[low_bits(in.bits, kDistanceMainBits)];
    if (entry & kExceptional) [[unlikely]] {
      static_assert(kMostDistanceBits + kLiteralMainBits <= kRefilled);
      in.refill();
      if (entry & kSubtable) {
        in.drop(entry);
        entry = distances_[(entry >> 16) + low_bits(in.bits, codeword_bits(entry))];
      }
      if (entry & kExceptional) {
        flaw = "there is no such distance";
        break;
      }
    } else if ((in.count & 63) < kDistanceMainBits + 13 + kLiteralMainBits) [[unlikely]] {
      in.refill();
    }
    const std::uint32_t distance = value_of(entry, in.bits);
    in.drop(entry);
    if (distance > out - first) [[unlikely]] {
      flaw = "a match reaches back before the first byte";
      break;
    }
    entry = literals_[low_bits(in.bits, kLiteralMainBits)];
    in.refill();
    copy_match(out, length, distance);
    out += length;
  } while (out < stop && in.next < last);

  in.count &= 63;
  in_ = in;
  position_ += static_cast<std::uint64_t>(out - out_);
  out_ = out;
  if (flaw != nullptr) {
    refuse(flaw);
  }
  return in_block;
}

}  // namespace wheel
