#include "wheel/member_decoder.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "wheel/error.h"
#include "wheel/member_flaws.h"

namespace wheel {
namespace {

constexpr std::size_t kInputBytes = std::size_t{128} << 10;

class QuickDecoder final : public MemberDecoder {
 public:
  QuickDecoder(ReadPacked read, const Member& member)
      : read_packed_(std::move(read)), member_(member) {
    restart();
  }

  void decode(std::span<std::byte> out) override;
  void finish() override;
  std::unique_ptr<Saved> save() const override;
  void restore(const Saved& saved) override;
  void restart() override;

 private:
  struct State;

  bool is_deflated() const { return member_.method == Method::kDeflated; }
  std::uint64_t consumed() const { return loaded_ - (is_deflated() ? inflate_.avail_in : 0); }
  bool load();
  std::size_t inflate_into(std::span<std::byte> out);

  ReadPacked read_packed_;
  Member member_;
  std::uint64_t loaded_ = 0;  ///< packed bytes read so far
  std::vector<std::byte> input_;
  inflate_state inflate_;
};

// ISA-L's state holds the history and the bits that it has read ahead itself: but for the two
// pointers into the caller's buffers, which are set before every call, a copy of it is a
// checkpoint.
struct QuickDecoder::State final : Saved {
  inflate_state inflate;
  std::uint64_t consumed;  ///< packed bytes, from the start of the member's
};
static_assert(sizeof(inflate_state) + 64 <= MemberDecoder::kStateBytes);
static_assert(sizeof(inflate_state) + kInputBytes <= MemberDecoder::kMemoryBytes);

/// Fills the empty input; false where the packed data is used up.
bool QuickDecoder::load() {
  const std::uint64_t left = member_.packed_bytes - loaded_;
  input_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kInputBytes, left)));
  read_packed_(loaded_, input_);
  loaded_ += input_.size();
  inflate_.next_in = reinterpret_cast<std::uint8_t*>(input_.data());
  inflate_.avail_in = static_cast<std::uint32_t>(input_.size());
  return !input_.empty();
}

/// Inflates into `out` and gives how much there was: less where the deflate stream ended.
std::size_t QuickDecoder::inflate_into(std::span<std::byte> out) {
  inflate_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  inflate_.avail_out = static_cast<std::uint32_t>(out.size());
  while (inflate_.avail_out > 0 && inflate_.block_state != ISAL_BLOCK_FINISH) {
    const bool has_input = inflate_.avail_in > 0 || load();
    const std::uint32_t room = inflate_.avail_out;
    if (const int status = isal_inflate(&inflate_); status != ISAL_DECOMP_OK) {
      throw Error(member_.name,
                  "its packed data is damaged: no deflate stream at about packed byte " +
                      std::to_string(consumed()));
    }
    if (!has_input && inflate_.avail_out == room && inflate_.block_state != ISAL_BLOCK_FINISH) {
      throw Error(member_.name, "its packed data ends in the middle of the deflate stream");
    }
  }
  return out.size() - inflate_.avail_out;
}

void QuickDecoder::decode(std::span<std::byte> out) {
  if (!is_deflated()) {
    read_packed_(loaded_, out);
    loaded_ += out.size();
    return;
  }
  if (inflate_into(out) != out.size()) {
    refuse_fewer_bytes(member_);
  }
}

void QuickDecoder::finish() {
  std::uint64_t read_ahead = 0;
  if (is_deflated()) {
    std::byte surplus{};
    if (inflate_into({&surplus, 1}) != 0) {
      refuse_more_bytes(member_);
    }
    // Whole bytes that ISA-L took into its bit buffer but did not need are unused as well.
    read_ahead = static_cast<std::uint64_t>(inflate_.read_in_length / 8);
  }
  refuse_surplus(member_, consumed() - read_ahead);
}

std::unique_ptr<MemberDecoder::Saved> QuickDecoder::save() const {
  auto saved = std::make_unique_for_overwrite<State>();
  if (is_deflated()) {
    saved->inflate = inflate_;
  }
  saved->consumed = consumed();
  return saved;
}

void QuickDecoder::restore(const Saved& saved) {
  const auto& state = static_cast<const State&>(saved);
  if (is_deflated()) {
    inflate_ = state.inflate;
    inflate_.avail_in = 0;
  }
  loaded_ = state.consumed;
}

void QuickDecoder::restart() {
  loaded_ = 0;
  if (is_deflated()) {
    isal_inflate_init(&inflate_);
    inflate_.avail_in = 0;
  }
}

}  // namespace

std::unique_ptr<MemberDecoder> quick_decoder(ReadPacked read, const Member& member) {
  return std::make_unique<QuickDecoder>(std::move(read), member);
}

}  // namespace wheel
