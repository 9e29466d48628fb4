#include <algorithm>
#include <memory>
#include <utility>

#include "wheel/inflate_symbols.h"
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
      : member_(member),
        inflater_(std::move(read), member.packed_bytes, member.name),
        window_(std::make_unique_for_overwrite<std::byte[]>(kRoom)) {
    inflater_.place(window_.get() + kHistory);
  }

  void decode(std::span<std::byte> out) override;
  void finish() override;
  std::unique_ptr<Saved> save() const override;
  void restore(const Saved& saved) override;
  void restart() override;

 private:
  static constexpr std::size_t kHistory = SymbolInflater::kHistory;
  // Small enough to stay in the processor's cache until its bytes are copied.
  static constexpr std::size_t kWindow = std::size_t{128} << 10;
  static constexpr std::size_t kRoom =
      kHistory + kWindow + SymbolInflater::kLongestMatch + SymbolInflater::kSlack;

  void turn_window();
  bool decode_up_to(std::uint64_t limit);

  Member member_;
  SymbolInflater inflater_;
  std::unique_ptr<std::byte[]> window_;  ///< kHistory bytes, then those from window_begin_ on
  std::uint64_t window_begin_ = 0;
  std::uint64_t given_ = 0;  ///< the next byte to be given
};

/// Makes room: what was decoded is given, but for the rest of a match.
void SymbolDecoder::turn_window() {
  std::byte* const end = inflater_.out();
  std::copy(end - kHistory, end, window_.get());
  window_begin_ = inflater_.position();
  inflater_.place(window_.get() + kHistory);
}

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
    if (inflater_.position() - window_begin_ >= kWindow) {
      turn_window();
    }
    const std::uint64_t goal = std::min(given_ + out.size(), window_begin_ + kWindow);
    if (!decode_up_to(goal)) {
      refuse_fewer_bytes(member_);
    }
    // A match that was decoded for the bytes before reaches behind them.
    const std::uint64_t end = std::min(given_ + out.size(), inflater_.position());
    const std::byte* const from = inflater_.out() - (inflater_.position() - given_);
    std::copy(from, from + (end - given_), out.begin());
    out = out.subspan(static_cast<std::size_t>(end - given_));
    given_ = end;
  }
}

void SymbolDecoder::finish() {
  turn_window();
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
  const auto& history = point.inflate.history;
  std::byte* const begin = window_.get() + kHistory;
  std::copy(history.begin(), history.end(), begin - history.size());
  inflater_.resume(point.inflate);
  inflater_.place(begin);
  window_begin_ = point.inflate.position;
  given_ = point.offset;
}

void SymbolDecoder::restart() {
  inflater_.resume({});
  inflater_.place(window_.get() + kHistory);
  window_begin_ = 0;
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
