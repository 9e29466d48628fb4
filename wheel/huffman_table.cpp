#include "wheel/huffman_table.h"

#include <algorithm>
#include <bit>

namespace wheel {
namespace {

constexpr TableEntry entry(std::uint32_t value, std::uint32_t extra_bits, TableEntry flags = 0) {
  return value << 16 | flags | extra_bits;
}

// RFC 1951, 3.2.5.
constexpr auto kLiteralMeanings = [] {
  std::array<TableEntry, kLiteralSymbols> meanings{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    meanings[i] = entry(i, 0, kLiteral);
  }
  meanings[kEndOfBlockSymbol] = kExceptional | kEndOfBlock;
  std::uint32_t base = 3;
  for (std::uint32_t i = 0; i < 28; ++i) {
    const std::uint32_t extra_bits = i < 8 ? 0 : i / 4 - 1;
    meanings[257 + i] = entry(base, extra_bits);
    base += 1u << extra_bits;
  }
  meanings[285] = entry(258, 0);
  meanings[286] = meanings[287] = kNoCodeword;
  return meanings;
}();

constexpr auto kDistanceMeanings = [] {
  std::array<TableEntry, kDistanceSymbols> meanings{};
  std::uint32_t base = 1;
  for (std::uint32_t i = 0; i < 30; ++i) {
    const std::uint32_t extra_bits = i < 2 ? 0 : i / 2 - 1;
    meanings[i] = entry(base, extra_bits);
    base += 1u << extra_bits;
  }
  meanings[30] = meanings[31] = kNoCodeword;
  return meanings;
}();

constexpr auto kLengthMeanings = [] {
  std::array<TableEntry, kLengthSymbols> meanings{};
  for (std::uint32_t i = 0; i < kLengthSymbols; ++i) {
    meanings[i] = entry(i, 0);
  }
  return meanings;
}();

constexpr TableEntry with_length(TableEntry meaning, unsigned length) {
  return meaning + (length << 8) + length;
}

using Counts = std::array<std::uint32_t, kLongestCodeword + 1>;

Counts count_lengths(std::span<const std::uint8_t> lengths) {
  Counts counts{};
  for (const std::uint8_t length : lengths) {
    ++counts[length];
  }
  counts[0] = 0;
  return counts;
}

enum class Code : std::uint8_t { kComplete, kEmpty, kSingleBit, kBad };

Code kind_of(const Counts& counts) {
  std::uint32_t left = 1;  // codewords that the present length leaves
  std::uint32_t used = 0;
  for (unsigned length = 1; length <= kLongestCodeword; ++length) {
    left <<= 1;
    if (counts[length] > left) {
      return Code::kBad;
    }
    left -= counts[length];
    used += counts[length];
  }
  if (left == 0) {
    return Code::kComplete;
  }
  if (used == 0) {
    return Code::kEmpty;
  }
  return used == 1 && counts[1] == 1 ? Code::kSingleBit : Code::kBad;
}

/// Fills a table for a complete code. Codewords are given out in the order of their lengths, then
/// of their symbols (RFC 1951, 3.2.2), and counted up here with their bits the other way round, as
/// they stand in the stream: so the table of codewords up to a length is doubled to get that of the
/// next.
class TableFiller {
 public:
  TableFiller(const Counts& counts, std::span<const TableEntry> sorted, unsigned main_bits,
              std::span<TableEntry> table)
      : counts_(counts), sorted_(sorted), main_bits_(main_bits), table_(table) {}

  bool fill() {
    if (table_.size() < std::size_t{1} << main_bits_) {
      return false;
    }
    return fill_main() || fill_subtables();
  }

 private:
  /// True where the last codeword fitted.
  bool fill_main() {
    std::size_t end = 1;
    for (length_ = 1; length_ <= main_bits_; ++length_) {
      double_up(end);
      for (std::uint32_t left = counts_[length_]; left > 0; --left) {
        table_[codeword_] = with_length(sorted_[next_++], length_);
        if (!advance()) {
          while (end < std::size_t{1} << main_bits_) {
            double_up(end);
          }
          return true;
        }
      }
    }
    return false;
  }

  void double_up(std::size_t& end) {
    std::copy_n(table_.begin(), end, table_.begin() + static_cast<std::ptrdiff_t>(end));
    end <<= 1;
  }

  bool fill_subtables() {
    const std::uint32_t main_mask = (1u << main_bits_) - 1;
    std::size_t end = std::size_t{1} << main_bits_;
    std::size_t begin = 0;
    std::uint32_t prefix = ~0u;
    for (; length_ <= kLongestCodeword; ++length_) {
      for (std::uint32_t left = counts_[length_]; left > 0; --left) {
        if ((codeword_ & main_mask) != prefix) {
          prefix = codeword_ & main_mask;
          begin = end;
          const unsigned bits = subtable_bits(left);
          end = begin + (std::size_t{1} << bits);
          if (end > table_.size()) {
            return false;
          }
          table_[prefix] = static_cast<TableEntry>(begin) << 16 | kExceptional | kSubtable |
                           bits << 8 | main_bits_;
        }
        const TableEntry filled = with_length(sorted_[next_++], length_ - main_bits_);
        const std::size_t stride = std::size_t{1} << (length_ - main_bits_);
        for (std::size_t i = begin + (codeword_ >> main_bits_); i < end; i += stride) {
          table_[i] = filled;
        }
        if (!advance()) {
          return true;
        }
      }
    }
    return false;
  }

  /// How many bits index the subtable that begins with a codeword of the present length, of which
  /// `left` are still to come: as many as the longest codeword in it has behind the main bits.
  unsigned subtable_bits(std::uint32_t left) const {
    unsigned bits = length_ - main_bits_;
    for (std::uint32_t used = left; used < 1u << bits && main_bits_ + bits < kLongestCodeword;) {
      ++bits;
      used = (used << 1) + counts_[main_bits_ + bits];
    }
    return bits;
  }

  /// To the next codeword of this length; false behind the last one, which is all ones.
  bool advance() {
    const std::uint32_t ones = (1u << length_) - 1;
    if (codeword_ == ones) {
      return false;
    }
    const std::uint32_t bit = std::bit_floor(codeword_ ^ ones);
    codeword_ = (codeword_ & (bit - 1)) | bit;
    return true;
  }

  const Counts& counts_;
  std::span<const TableEntry> sorted_;
  unsigned main_bits_;
  std::span<TableEntry> table_;
  std::uint32_t codeword_ = 0;
  unsigned length_ = 1;
  std::size_t next_ = 0;
};

}  // namespace

std::span<const TableEntry> literal_meanings() {
  return kLiteralMeanings;
}
std::span<const TableEntry> distance_meanings() {
  return kDistanceMeanings;
}
std::span<const TableEntry> length_meanings() {
  return kLengthMeanings;
}

bool build_table(std::span<const std::uint8_t> lengths, std::span<const TableEntry> meanings,
                 unsigned main_bits, bool may_be_incomplete, std::span<TableEntry> table) {
  const Counts counts = count_lengths(lengths);
  const Code code = kind_of(counts);
  if (code == Code::kBad || (code != Code::kComplete && !may_be_incomplete)) {
    return false;
  }
  std::array<std::uint32_t, kLongestCodeword + 1> place{};
  for (unsigned length = 1; length < kLongestCodeword; ++length) {
    place[length + 1] = place[length] + counts[length];
  }
  std::array<TableEntry, kLiteralSymbols> sorted;
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    if (lengths[symbol] != 0) {
      sorted[place[lengths[symbol]]++] = meanings[symbol];
    }
  }
  if (code == Code::kComplete) {
    return TableFiller(counts, sorted, main_bits, table).fill();
  }
  std::fill_n(table.begin(), std::size_t{1} << main_bits, kNoCodeword);
  for (std::size_t i = 0; code == Code::kSingleBit && i < std::size_t{1} << main_bits; i += 2) {
    table[i] = with_length(sorted[0], 1);
  }
  return true;
}

Codeword codeword_of(std::span<const std::uint8_t> lengths, std::size_t symbol) {
  const Counts counts = count_lengths(lengths);
  std::uint32_t code = 0;
  for (unsigned length = 1; length <= lengths[symbol]; ++length) {
    code = (code + counts[length - 1]) << 1;
  }
  code += static_cast<std::uint32_t>(std::count(
      lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(symbol), lengths[symbol]));
  Codeword word{0, lengths[symbol]};
  for (unsigned i = 0; i < word.length; ++i) {
    word.bits = word.bits << 1 | (code >> i & 1);
  }
  return word;
}

}  // namespace wheel
