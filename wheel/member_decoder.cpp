#include "wheel/member_decoder.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <string>
#include <vector>

#include "wheel/counted.h"
#include "wheel/error.h"

namespace wheel {

// ISA-L's state holds the history and the bits that it has read ahead itself: but for the two
// pointers into the caller's buffers, which are set before every call, a copy of it is a
// checkpoint.
struct MemberDecoder::Saved {
  inflate_state inflate;
  std::uint64_t consumed;  ///< packed bytes, from the start of the member's
};
static_assert(sizeof(inflate_state) + 8 <= MemberDecoder::kStateBytes);

struct MemberDecoder::State {
  State(ReadPacked the_read, const Member& the_member)
      : read_packed(std::move(the_read)), member(the_member) {}

  bool is_deflated() const { return member.method == Method::kDeflated; }
  std::uint64_t consumed() const { return loaded - (is_deflated() ? inflate.avail_in : 0); }

  /// Fills the empty input; false where the packed data is used up.
  bool load() {
    const std::uint64_t left = member.packed_bytes - loaded;
    input.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kInputBytes, left)));
    read_packed(loaded, input);
    loaded += input.size();
    inflate.next_in = reinterpret_cast<std::uint8_t*>(input.data());
    inflate.avail_in = static_cast<std::uint32_t>(input.size());
    return !input.empty();
  }

  /// Inflates into `out` and gives how much there was: less where the deflate stream ended.
  std::size_t inflate_into(std::span<std::byte> out);

  ReadPacked read_packed;
  Member member;
  std::uint64_t loaded = 0;  ///< packed bytes read so far
  std::vector<std::byte> input;
  inflate_state inflate;
};

std::size_t MemberDecoder::State::inflate_into(std::span<std::byte> out) {
  inflate.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  inflate.avail_out = static_cast<std::uint32_t>(out.size());
  while (inflate.avail_out > 0 && inflate.block_state != ISAL_BLOCK_FINISH) {
    const bool has_input = inflate.avail_in > 0 || load();
    const std::uint32_t room = inflate.avail_out;
    if (const int status = isal_inflate(&inflate); status != ISAL_DECOMP_OK) {
      throw Error(member.name,
                  "its packed data is damaged: no deflate stream at about packed byte " +
                      std::to_string(consumed()));
    }
    if (!has_input && inflate.avail_out == room && inflate.block_state != ISAL_BLOCK_FINISH) {
      throw Error(member.name, "its packed data ends in the middle of the deflate stream");
    }
  }
  return out.size() - inflate.avail_out;
}

MemberDecoder::MemberDecoder(const Archive& archive, const Member& member)
    : MemberDecoder(
          [&archive, member](std::uint64_t offset, std::span<std::byte> out) {
            archive.read_packed(member, offset, out);
          },
          member) {}

MemberDecoder::MemberDecoder(ReadPacked read, const Member& member)
    : state_(std::make_unique<State>(std::move(read), member)) {
  restart();
}
MemberDecoder::~MemberDecoder() = default;

void MemberDecoder::decode(std::span<std::byte> out) {
  if (!state_->is_deflated()) {
    state_->read_packed(state_->loaded, out);
    state_->loaded += out.size();
    return;
  }
  if (state_->inflate_into(out) != out.size()) {
    throw Error(state_->member.name, "it unpacks to fewer bytes than the " +
                                         std::to_string(state_->member.size) +
                                         " that the archive declares");
  }
}

void MemberDecoder::finish() {
  std::uint64_t read_ahead = 0;
  if (state_->is_deflated()) {
    std::byte surplus{};
    if (state_->inflate_into({&surplus, 1}) != 0) {
      throw Error(state_->member.name, "it unpacks to more bytes than the " +
                                           std::to_string(state_->member.size) +
                                           " that the archive declares");
    }
    // Whole bytes that ISA-L took into its bit buffer but did not need are unused as well.
    read_ahead = static_cast<std::uint64_t>(state_->inflate.read_in_length / 8);
  }
  const std::uint64_t unused = state_->member.packed_bytes - state_->consumed() + read_ahead;
  if (unused != 0) {
    throw Error(state_->member.name, "its packed data goes on for " +
                                         counted(unused, "byte", "bytes") + " behind its end");
  }
}

std::unique_ptr<MemberDecoder::Saved, MemberDecoder::DeleteSaved> MemberDecoder::save() const {
  std::unique_ptr<Saved, DeleteSaved> saved(new Saved);
  if (state_->is_deflated()) {
    saved->inflate = state_->inflate;
  }
  saved->consumed = state_->consumed();
  return saved;
}

void MemberDecoder::restore(const Saved& saved) {
  if (state_->is_deflated()) {
    state_->inflate = saved.inflate;
    state_->inflate.avail_in = 0;
  }
  state_->loaded = saved.consumed;
}

void MemberDecoder::restart() {
  state_->loaded = 0;
  if (state_->is_deflated()) {
    isal_inflate_init(&state_->inflate);
    state_->inflate.avail_in = 0;
  }
}

void MemberDecoder::DeleteSaved::operator()(Saved* saved) const {
  delete saved;
}

}  // namespace wheel
