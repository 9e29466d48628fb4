#include <algorithm>
#include <memory>
#include <utility>

#include "wheel/inflate_window.h"
#include "wheel/member_decoder.h"
#include "wheel/member_flaws.h"

namespace wheel {
namespace {

class State final : public MemberDecoder::Saved {
 public:
  explicit State(std::shared_ptr<const MemberPoint> point) : point_(std::move(point)) {}
  std::shared_ptr<const MemberPoint> point() const override { return point_; }

 private:
  std::shared_ptr<const MemberPoint> point_;
};
static_assert(SymbolInflater::kHistory + 256 <= MemberDecoder::kStateBytes);

/// Decodes into a window, in which the last 32 KiB stay for later bytes to refer to, and gives
/// copies.
class SymbolDecoder final : public MemberDecoder {
 public:
  SymbolDecoder(ReadPacked read, const Member& member)
      : member_(member), window_(std::move(read), member, kWindow) {}

  void decode(std::span<std::byte> out) override;
  void finish() override;
  std::unique_ptr<Saved> save() const override;
  void restore(const Saved& saved) override;
  void restart() override;

 private:
  // Small enough to stay in the processor's cache until its bytes are copied.
  static constexpr std::size_t kWindow = std::size_t{128} << 10;

  bool decode_up_to(std::uint64_t limit);

  Member member_;
  InflateWindow window_;
  SymbolInflater& inflater_ = window_.inflater();
  std::uint64_t given_ = 0;  ///< the next byte to be given
};

/// False where the stream ends before.
bool SymbolDecoder::decode_up_to(std::uint64_t limit) {
  while (inflater_.position() < limit) {
    if (!inflater_.run(limit) && !inflater_.next_block()) {
      break;
    }
  }
  return inflater_.position() >= limit;
}

void SymbolDecoder::decode(std::span<std::byte> out) {
  while (!out.empty()) {
    if (window_.is_full()) {
      window_.turn();  // what was decoded is given, but for the rest of a match
    }
    const std::uint64_t goal = std::min(given_ + out.size(), window_.end());
    if (!decode_up_to(goal)) {
      refuse_fewer_bytes(member_);
    }
    // A match that was decoded for the bytes before reaches behind them.
    const std::uint64_t end = std::min(given_ + out.size(), inflater_.position());
    const std::byte* const from = window_.at(given_);
    std::copy(from, from + (end - given_), out.begin());
    out = out.subspan(static_cast<std::size_t>(end - given_));
    given_ = end;
  }
}

void SymbolDecoder::finish() {
  window_.turn();
  if (inflater_.position() > given_ || decode_up_to(given_ + 1)) {
    refuse_more_bytes(member_);
  }
  refuse_surplus(member_, (inflater_.bit() + 7) / 8);
}

std::unique_ptr<MemberDecoder::Saved> SymbolDecoder::save() const {
  auto point = std::make_shared<MemberPoint>();
  point->offset = given_;
  point->inflate = inflater_.point();
  return std::make_unique<State>(std::move(point));
}

void SymbolDecoder::restore(const Saved& saved) {
  const MemberPoint& point = *saved.point();
  window_.resume(point.inflate);
  given_ = point.offset;
}

void SymbolDecoder::restart() {
  window_.resume({});
  given_ = 0;
}

}  // namespace

std::unique_ptr<MemberDecoder> symbol_decoder(ReadPacked read, const Member& member) {
  return std::make_unique<SymbolDecoder>(std::move(read), member);
}

std::unique_ptr<MemberDecoder::Saved> saved_at(std::shared_ptr<const MemberPoint> point) {
  return std::make_unique<State>(std::move(point));
}

}  // namespace wheel
