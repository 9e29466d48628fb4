#include "wheel/member_stream.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "wheel/error.h"
#include "wheel/member_decoder.h"
#include "wheel/member_digest.h"

namespace wheel {
namespace {

// A block is what is decoded at once and kept. Small enough for its hash to find it in the
// processor's cache, large enough for ISA-L, which copies the first 64 KiB of every call once more.
constexpr std::size_t kBlockBytes = std::size_t{512} << 10;
// The blocks kept are the last of each remainder: going back a little costs nothing.
constexpr std::size_t kBlocksKept = 4;
constexpr std::size_t kMostCheckpoints = 48;
constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

static_assert(kBlocksKept * kBlockBytes + (kMostCheckpoints + 2) * MemberDecoder::kStateBytes +
                  MemberDecoder::kMemoryBytes <
              MemberStream::kMemoryBound);

std::string hex(std::uint32_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) {
    text += kDigits[value >> shift & 15];
  }
  return text;
}

/// Decoder states at the begin of blocks, at most kMostCheckpoints, spaced evenly over what was
/// decoded so far: whenever they are too many, every other one goes and the spacing doubles.
class Checkpoints {
 public:
  /// Those of another decoder, which must stand at blocks as well.
  void take(const MemberPoints& points) {
    for (const auto& point : points) {
      kept_.push_back({point->offset / kBlockBytes, saved_at(point)});
    }
  }

  void offer(std::uint64_t block, const MemberDecoder& decoder) {
    if (block % spacing_ != 0 || block == 0) {
      return;
    }
    const auto place = std::ranges::lower_bound(kept_, block, {}, &Kept::block);
    if (place != kept_.end() && place->block == block) {
      return;
    }
    kept_.insert(place, {block, decoder.save()});
    while (kept_.size() > kMostCheckpoints) {
      spacing_ *= 2;
      std::erase_if(kept_, [&](const Kept& kept) { return kept.block % spacing_ != 0; });
    }
  }

  /// What was decoded furthest, before the reader goes back: it may come again to read on there.
  void keep_front(std::uint64_t block, const MemberDecoder& decoder) {
    front_ = Kept{block, decoder.save()};
  }

  /// The nearest block at or before `block` that restore() can set the decoder to.
  std::uint64_t nearest(std::uint64_t block) const {
    const Kept* kept = find(block);
    return kept == nullptr ? 0 : kept->block;
  }

  /// Only where the decoder has points.
  MemberPoints points() const {
    MemberPoints points;
    for (const Kept& kept : kept_) {
      if (auto point = kept.state->point()) {
        points.push_back(std::move(point));
      }
    }
    return points;
  }

  /// Sets the decoder to the nearest block at or before `block`, and tells which one.
  std::uint64_t restore(std::uint64_t block, MemberDecoder& decoder) const {
    const Kept* kept = find(block);
    if (kept == nullptr) {
      decoder.restart();
      return 0;
    }
    decoder.restore(*kept->state);
    return kept->block;
  }

 private:
  struct Kept {
    std::uint64_t block;
    std::unique_ptr<MemberDecoder::Saved> state;
  };
  const Kept* find(std::uint64_t block) const {
    const auto later = std::find_if(kept_.begin(), kept_.end(),
                                    [&](const Kept& kept) { return kept.block > block; });
    const Kept* best = later == kept_.begin() ? nullptr : &*(later - 1);
    const bool front_is_nearer =
        front_ && front_->block <= block && (best == nullptr || front_->block > best->block);
    return front_is_nearer ? &*front_ : best;
  }

  std::vector<Kept> kept_;
  std::optional<Kept> front_;
  std::uint64_t spacing_ = 2;  ///< blocks: 1 MiB
};

}  // namespace

struct MemberStream::State {
  State(const Member& the_member, std::unique_ptr<MemberDecoder> the_decoder)
      : member(the_member), decoder(std::move(the_decoder)) {}

  std::size_t bytes_of(std::uint64_t block) const {
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(kBlockBytes, member.size - block * kBlockBytes));
  }

  std::span<const std::byte> get(std::uint64_t block);
  void go_to(std::uint64_t block);
  void decode_next();

  void check_end();
  void complete();

  struct Slot {
    std::optional<std::uint64_t> block;
    std::vector<std::byte> bytes;
  };

  Member member;
  std::unique_ptr<MemberDecoder> decoder;
  std::uint64_t next_block = 0;   ///< what the decoder gives next
  std::uint64_t blocks_seen = 0;  ///< the high-water mark: what is hashed and observed
  Checkpoints checkpoints;
  std::array<Slot, kBlocksKept> slots;
  std::string expected;  ///< what RECORD says; empty: not told
  std::optional<Sha256Digest> digest;
  std::string actual;  ///< the hash of the kind of `expected`
  MemberDigest work;   ///< looks at the slots: it goes first
};

std::span<const std::byte> MemberStream::State::get(std::uint64_t block) {
  const Slot& slot = slots[block % kBlocksKept];
  if (slot.block != block) {
    go_to(block);
    while (next_block <= block) {
      decode_next();
    }
  }
  return slot.bytes;
}

/// Back, or forward over what was decoded before, where a saved state is nearer than the decoder.
void MemberStream::State::go_to(std::uint64_t block) {
  if (block < next_block && next_block == blocks_seen) {
    checkpoints.keep_front(next_block, *decoder);
  }
  if (block < next_block || checkpoints.nearest(block) > next_block) {
    next_block = checkpoints.restore(block, *decoder);
  }
}

void MemberStream::State::decode_next() {
  const std::uint64_t block = next_block;
  const bool is_new = block == blocks_seen;
  checkpoints.offer(block, *decoder);
  // The slot may hold a block that is still being hashed: the one kBlocksKept before this one, or,
  // where the reader went back, any.
  work.settle(is_new ? kBlocksKept - 1 : 0);
  Slot& slot = slots[block % kBlocksKept];
  slot.block.reset();  // until it is whole
  slot.bytes.resize(bytes_of(block));
  try {
    decoder->decode(slot.bytes);
  } catch (...) {
    next_block = kNowhere;  // so that the next call starts from a checkpoint again, and fails again
    throw;
  }
  slot.block = block;
  ++next_block;
  if (is_new) {
    ++blocks_seen;
    work.take(slot.bytes);
  }
}

void MemberStream::State::check_end() {
  const std::uint64_t blocks = (member.size + kBlockBytes - 1) / kBlockBytes;
  if (next_block != blocks_seen) {
    // Go on from where hashing stopped, not from where reading went back to.
    next_block = checkpoints.restore(blocks_seen, *decoder);
  }
  while (next_block < blocks) {
    decode_next();
  }
  decoder->finish();
  work.settle(0);
  if (work.crc() != member.crc) {
    throw MemberMismatch(
        MemberMismatch::Of::kCrc, member.name,
        "its CRC-32 is " + hex(work.crc()) + ", the archive says " + hex(member.crc));
  }
}

/// Decodes to the end, once, and keeps what came out.
void MemberStream::State::complete() {
  if (digest) {
    return;
  }
  check_end();
  digest = work.finish_sha256();
  actual = work.finish_other().value_or(record_hash(*digest));
}

MemberStream::MemberStream(const Archive& archive, const Member& member)
    : MemberStream(packed_reader(archive, member), member) {}
MemberStream::MemberStream(ReadPacked read, const Member& member)
    : state_(std::make_unique<State>(member, quick_decoder(std::move(read), member))) {}
MemberStream::MemberStream(ReadPacked read, const Member& member, const MemberPoints& points)
    : state_(std::make_unique<State>(member, member.method == Method::kDeflated
                                                 ? symbol_decoder(std::move(read), member)
                                                 : quick_decoder(std::move(read), member))) {
  state_->checkpoints.take(points);
}
MemberStream::~MemberStream() = default;
MemberStream::MemberStream(MemberStream&&) noexcept = default;
MemberStream& MemberStream::operator=(MemberStream&&) noexcept = default;

std::uint64_t MemberStream::size() const {
  return state_->member.size;
}

void MemberStream::observe(std::function<void(std::span<const std::byte>)> observer) {
  state_->work.observe(std::move(observer));
}

void MemberStream::expect(const std::string& record_hash) {
  if (!is_record_hash(record_hash)) {
    throw Error(state_->member.name, "RECORD has the hash \"" + record_hash + "\" for it");
  }
  state_->expected = record_hash;
  if (!record_hash.starts_with("sha256=")) {
    state_->work.hash_also(record_hash);
  }
}

void MemberStream::overlap() {
  state_->work.use_a_thread();
}

void MemberStream::read(std::uint64_t offset, std::span<std::byte> out) {
  if (offset > size() || out.size() > size() - offset) {
    throw Error(state_->member.name, "it ends before what is to be read");
  }
  while (!out.empty()) {
    const auto skip = static_cast<std::size_t>(offset % kBlockBytes);
    const auto block = state_->get(offset / kBlockBytes).subspan(skip);
    const std::size_t size = std::min(block.size(), out.size());
    std::copy_n(block.begin(), size, out.begin());
    out = out.subspan(size);
    offset += size;
  }
}

MemberPoints MemberStream::points() const {
  return state_->checkpoints.points();
}

MemberPoints MemberStream::points_before(std::vector<std::uint64_t> offsets) const {
  std::ranges::sort(offsets);
  MemberPoints found;
  const MemberPoints all = points();
  for (const std::uint64_t offset : offsets) {
    // The inflater may stand a match further than the bytes that were given.
    const auto behind = std::ranges::upper_bound(
        all, offset, {}, [](const auto& point) { return point->inflate.position; });
    if (behind != all.begin() && (found.empty() || found.back() != *(behind - 1))) {
      found.push_back(*(behind - 1));
    }
  }
  return found;
}

Sha256Digest MemberStream::finish() {
  state_->complete();
  if (!state_->expected.empty() && state_->actual != state_->expected) {
    throw MemberMismatch(MemberMismatch::Of::kRecordHash, state_->member.name,
                         "its hash is " + state_->actual + ", RECORD says " + state_->expected);
  }
  return *state_->digest;
}

}  // namespace wheel
