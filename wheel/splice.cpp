#include "wheel/splice.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "wheel/counted.h"
#include "wheel/deflate.h"
#include "wheel/inflate_window.h"
#include "wheel/member_flaws.h"
#include "wheel/phase_pad.h"
#include "wheel/region_encoder.h"
#include "wheel/spliced_writer.h"

namespace wheel {
namespace {

constexpr std::size_t kHistory = SymbolInflater::kHistory;
constexpr std::uint64_t kNever = ~std::uint64_t{0};

// What is decoded at once stands in a window, behind what it refers to.
constexpr std::size_t kWindow = std::size_t{256} << 10;
static_assert(InflateWindow::room(kWindow) + (std::size_t{640} << 10) < kSpliceMemory,
              "the window, the packed input, the tables and zlib's state");

/// A stretch that is packed anew.
struct Region {
  std::uint64_t first = kNever;   ///< the first byte that changes
  std::uint64_t resume = kNever;  ///< from here on nothing refers to a byte that changes
};

/// Edits so near to each other that returning in between is not worth it are one region. It begins
/// with the symbol that gives its first byte, up to 257 bytes before that; and with the gap kept
/// here, its dictionary is always wholly original.
std::vector<Region> regions_of(const std::vector<SplicePatch>& patches) {
  constexpr std::uint64_t kGap = 1024;
  std::vector<Region> regions;
  for (const SplicePatch& patch : patches) {
    if (patch.bytes.empty()) {
      continue;
    }
    const std::uint64_t resume = patch.offset + patch.bytes.size() + kHistory;
    if (!regions.empty() && patch.offset < regions.back().resume + kGap) {
      regions.back().resume = resume;
    } else {
      regions.push_back({patch.offset, resume});
    }
  }
  return regions;
}

/// How many unpacked bytes splice() packs, at most: the edits and the 32 KiB behind each, to which
/// what follows may refer, and the tail.
std::uint64_t repacked_bound(const SpliceEdits& edits) {
  std::uint64_t bytes = edits.tail.size();
  for (const Region& region : regions_of(edits.patches)) {
    bytes += region.resume - region.first + 2 * SymbolInflater::kLongestMatch;
  }
  return bytes;
}

class Splicer {
 public:
  Splicer(const ReadPacked& read, const Member& member, const SpliceEdits& edits,
          const MemberPoints& points)
      : member_(member),
        edits_(edits),
        points_(points),
        regions_(regions_of(edits.patches)),
        window_(read, member, kWindow),
        crc_(member.crc),
        writer_(read) {}

  Spliced run() {
    bool in_block = skip_ahead();
    while (in_block || inflater_.next_block()) {
      if (encoder_ && inflater_.position() >= region().resume) {
        return_at_header();
      }
      pass_block();
      in_block = false;
    }
    check_end();
    finish_stream();
    return facts();
  }

 private:
  const Region& region() const {
    static constexpr Region kNone;
    return next_region_ < regions_.size() ? regions_[next_region_] : kNone;
  }

  /// Outside of regions all that counts is the place of the last block: on to the last point before
  /// what is to be changed next, where that is further on. Whether it was.
  bool skip_ahead() {
    const auto behind = std::ranges::upper_bound(
        points_, region().first, {}, [](const auto& point) { return point->inflate.position; });
    if (behind == points_.begin() || (*(behind - 1))->inflate.position <= inflater_.position()) {
      return false;
    }
    window_.resume((*(behind - 1))->inflate);
    return true;
  }

  /// Decodes what is left of a block, and changes over where a region begins or ends in it.
  void pass_block() {
    // Up to here whole stretches are decoded, from there on symbol by symbol.
    constexpr std::uint64_t kMatch = SymbolInflater::kLongestMatch;
    for (;;) {
      if (window_.is_full()) {
        turn_window();
      }
      const std::uint64_t position = inflater_.position();
      const std::uint64_t first = region().first;
      const std::uint64_t calm = encoder_ ? region().resume : first - std::min(first, kMatch);
      const bool far = position < calm;
      const std::uint64_t bit = inflater_.bit();
      const bool goes_on = inflater_.run(far ? std::min(calm, window_.end()) : position + 1);
      if (inflater_.position() > member_.size) {
        refuse_more_bytes(member_);
      }
      if (!goes_on && inflater_.position() == position) {
        return;
      }
      if (!far && encoder_) {
        return_at_symbol(bit, position);
        if (skip_ahead()) {
          continue;
        }
      } else if (!far && inflater_.position() > first) {
        leave(bit, position);
      }
      if (!goes_on) {
        return;
      }
    }
  }

  // ---- From the original's bits to our own

  /// The symbol at `bit`, which gives the bytes from `position` on, is the first that changes.
  void leave(std::uint64_t bit, std::uint64_t position) {
    const DeflateBlock& block = inflater_.block();
    if (position == block.begin && run_begin_ <= block.header_bit) {
      writer_.copy_run(run_begin_, block.header_bit);
    } else {
      copy_head(bit, position - block.begin);
      if (block.type != DeflateBlock::Type::kStored) {
        const Codeword end = inflater_.end_of_block();
        writer_.bits().put(end.bits, end.length);
      }
    }
    begin_encoding(position);
  }

  /// The present run up to `end` in a block that goes no further, and is not the last one any more.
  /// `stored`: how many bytes it has now, where they are stored.
  void copy_head(std::uint64_t end, std::uint64_t stored) {
    const DeflateBlock& block = inflater_.block();
    if (run_begin_ > block.header_bit) {  // its header is our copy, which says so already
      writer_.copy_run(run_begin_, end);
      return;
    }
    writer_.copy_run(run_begin_, block.header_bit);
    writer_.bits().put(0, 1);
    if (block.type == DeflateBlock::Type::kStored) {
      put_stored_header_behind_final_bit(stored);
      writer_.copy_run(block.body_bit, end);
    } else {
      writer_.copy_run(block.header_bit + 1, end);
    }
  }

  void put_stored_header_behind_final_bit(std::uint64_t size) {
    BitWriter& bits = writer_.bits();
    bits.put(0, 2);
    bits.align();
    bits.put(static_cast<std::uint32_t>(size), 16);
    bits.put(static_cast<std::uint32_t>(~size), 16);
  }

  void begin_encoding(std::uint64_t position) {
    const auto known = static_cast<std::size_t>(std::min<std::uint64_t>(position, kHistory));
    encoder_.emplace(std::span(at(position) - known, known), writer_.bits());
    encoded_ = position;
  }

  // ---- And back

  void return_at_header() {
    const std::uint64_t bit = inflater_.block().header_bit;
    end_encoding(inflater_.position());
    pad_to_phase(writer_.bits(), bit % 8);
    run_begin_ = bit;
    skip_ahead();
  }

  /// What the symbol at `bit` gives, the bytes from `position` on, is the first that stays.
  void return_at_symbol(std::uint64_t bit, std::uint64_t position) {
    const DeflateBlock& block = inflater_.block();
    end_encoding(position);
    run_begin_ = bit;
    if (block.type == DeflateBlock::Type::kStored) {
      const std::uint64_t end = std::min(block.begin + block.stored_size, region().first);
      writer_.bits().put(0, 1);
      put_stored_header_behind_final_bit(end - position);
      return;
    }
    const std::uint64_t header_bits = block.body_bit - block.header_bit;
    pad_to_phase(writer_.bits(), (bit - header_bits) % 8);
    writer_.bits().put(0, 1);  // a last block is made at the end, where this one was
    writer_.copy_bits(block.header_bit + 1, block.body_bit);
  }

  void end_encoding(std::uint64_t position) {
    encode_up_to(position);
    encoder_->finish_block();
    encoder_.reset();
    ++next_region_;
  }

  void encode_up_to(std::uint64_t position) {
    std::vector<std::byte> bytes(at(encoded_), at(position));
    const std::uint32_t old_crc = crc32_update(0, bytes);
    apply_patches(encoded_, bytes);
    // CRCs are linear: what a change does to that of these bytes it does, moved on by all bytes
    // behind, to that of the whole.
    crc_ ^= crc32_behind(old_crc ^ crc32_update(0, bytes), member_.size - position);
    encoder_->feed(bytes);
    encoded_ = position;
  }

  // ---- The end

  void check_end() const {
    if (inflater_.position() != member_.size) {
      refuse_fewer_bytes(member_);
    }
    refuse_surplus(member_, (inflater_.bit() + 7) / 8);
  }

  void finish_stream() {
    if (!encoder_ && edits_.tail.empty()) {
      keep_end();
      return;
    }
    if (!encoder_) {
      copy_head(inflater_.bit(), inflater_.block().stored_size);
      begin_encoding(member_.size);
    }
    encode_up_to(member_.size);
    encoder_->feed(edits_.tail);
    encoder_->finish_stream();
    encoder_.reset();
  }

  void keep_end() {
    if (run_begin_ <= inflater_.block().header_bit) {
      writer_.copy_run(run_begin_, member_.packed_bytes * 8);
      return;
    }
    writer_.copy_run(run_begin_, inflater_.bit());
    writer_.bits().put(0b011, 10);  // an empty fixed block, the last one
    writer_.bits().align();
  }

  Spliced facts() {
    Spliced spliced = writer_.finish();
    spliced.size = member_.size + edits_.tail.size();
    spliced.crc = crc32_behind(crc_, edits_.tail.size()) ^ crc32_update(0, edits_.tail);
    return spliced;
  }

  // ---- Decoded bytes

  std::byte* at(std::uint64_t position) { return window_.at(position); }

  void apply_patches(std::uint64_t begin, std::span<std::byte> bytes) const {
    const std::uint64_t end = begin + bytes.size();
    auto patch = std::ranges::upper_bound(edits_.patches, begin, {}, [](const SplicePatch& each) {
      return each.offset + each.bytes.size();
    });
    for (; patch != edits_.patches.end() && patch->offset < end; ++patch) {
      const std::uint64_t from = std::max(begin, patch->offset);
      const std::uint64_t to = std::min(end, patch->offset + patch->bytes.size());
      std::copy_n(patch->bytes.begin() + static_cast<std::ptrdiff_t>(from - patch->offset),
                  to - from, bytes.begin() + static_cast<std::ptrdiff_t>(from - begin));
    }
  }

  void turn_window() {
    if (encoder_) {
      encode_up_to(inflater_.position());
    }
    window_.turn();
  }

  const Member& member_;
  const SpliceEdits& edits_;
  const MemberPoints& points_;
  const std::vector<Region> regions_;
  std::size_t next_region_ = 0;

  InflateWindow window_;
  SymbolInflater& inflater_ = window_.inflater();
  std::uint32_t crc_;  ///< of the member, with the changes so far

  SplicedWriter writer_;
  std::uint64_t run_begin_ = 0;           ///< the bit from which on the original is to be copied
  std::optional<RegionEncoder> encoder_;  ///< while inside a region
  std::uint64_t encoded_ = 0;             ///< its bytes so far
};

}  // namespace

std::string splice_obstacle(const Member& member, const SpliceEdits& edits) {
  if (member.method != Method::kDeflated) {
    return "it is stored, not deflated";
  }
  // zlib packs a tenth of what packing in parallel does on a core, and what it packs is held.
  constexpr std::uint64_t kAlwaysQuick = std::uint64_t{256} << 10;
  constexpr std::uint64_t kMost = std::uint64_t{8} << 20;
  const std::uint64_t bytes = repacked_bound(edits);
  if (bytes > std::max(kAlwaysQuick, std::min(kMost, member.size / 16))) {
    return "its edits reach over " + counted(bytes, "byte", "bytes") + " of " +
           std::to_string(member.size);
  }
  return {};
}

Spliced splice(const ReadPacked& read, const Member& member, const SpliceEdits& edits,
               const MemberPoints& points) {
  return Splicer(read, member, edits, points).run();
}

}  // namespace wheel
