#include "wheel/region_encoder.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

namespace wheel {

struct RegionEncoder::State {
  explicit State(BitWriter& the_writer) : writer(the_writer) {
    constexpr int kRawDeflate = -15;
    constexpr int kDefaultMemory = 8;
    if (deflateInit2(&stream, 6, Z_DEFLATED, kRawDeflate, kDefaultMemory, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
      throw std::bad_alloc();
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { deflateEnd(&stream); }

  /// Lets zlib work until it has taken all, and written all that `flush` makes it write.
  void deflate_all(int flush) {
    std::array<std::byte, 16384> piece;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      deflate(&stream, flush);  // no more to do is no fault, and others there are none
      writer.put(std::span(piece).first(piece.size() - stream.avail_out));
    } while (stream.avail_out == 0);
  }

  BitWriter& writer;
  z_stream stream{};
};

RegionEncoder::RegionEncoder(std::span<const std::byte> dictionary, BitWriter& writer)
    : state_(std::make_unique<State>(writer)) {
  deflateSetDictionary(&state_->stream, reinterpret_cast<const Bytef*>(dictionary.data()),
                       static_cast<uInt>(dictionary.size()));
  // zlib must know the phase: a stored block of its own begins at a whole byte.
  deflatePrime(&state_->stream, static_cast<int>(writer.pending()),
               static_cast<int>(writer.pending_bits()));
  writer.drop_pending();
}
RegionEncoder::~RegionEncoder() = default;
RegionEncoder::RegionEncoder(RegionEncoder&&) noexcept = default;
RegionEncoder& RegionEncoder::operator=(RegionEncoder&&) noexcept = default;

void RegionEncoder::feed(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto piece =
        bytes.first(std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
    // zlib does not write through next_in, see deflate_text().
    state_->stream.next_in =
        reinterpret_cast<Bytef*>(const_cast<std::byte*>(piece.data()));  // NOLINT
    state_->stream.avail_in = static_cast<uInt>(piece.size());
    state_->deflate_all(Z_NO_FLUSH);
    bytes = bytes.subspan(piece.size());
  }
}

// Z_BLOCK ends the block at any bit, and keeps the bits of a byte that is not whole. Zeros up to
// the whole byte drive them out.
void RegionEncoder::finish_block() {
  state_->deflate_all(Z_BLOCK);
  unsigned bytes = 0;
  int bits = 0;
  deflatePending(&state_->stream, &bytes, &bits);
  if (bits == 0) {
    return;
  }
  deflatePrime(&state_->stream, 8 - bits, 0);
  state_->deflate_all(Z_BLOCK);
  BitWriter& writer = state_->writer;
  const auto last = std::to_integer<std::uint32_t>(writer.bytes().back());
  writer.bytes().pop_back();
  writer.put(last, static_cast<unsigned>(bits));
}

void RegionEncoder::finish_stream() {
  state_->deflate_all(Z_FINISH);
}

}  // namespace wheel
