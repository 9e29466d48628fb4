#include "wheel/inflate_symbols.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "wheel/error.h"

namespace wheel {
namespace {

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

void SymbolInflater::seek(std::uint64_t bit) {
  loaded_ = bit / 8;
  next_ = end_ = input_.data() + kBehind;
  std::memset(input_.data() + kBehind, 0, kPadding);
  load();
  bits_ = 0;
  count_ = 0;
  refill();
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
    if (limit - position_ > kMargin && end_ - next_ >= static_cast<std::ptrdiff_t>(kAhead)) {
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
