#include "wheel/spliced_pieces.h"

#include <algorithm>
#include <utility>

#include "wheel/error.h"

namespace wheel {
namespace {

class PieceReader {
 public:
  PieceReader(std::vector<SplicedPiece> pieces, ReadPacked original, ReadPacked new_bytes)
      : pieces_(std::move(pieces)),
        original_(std::move(original)),
        new_bytes_(std::move(new_bytes)) {
    std::uint64_t end = 0;
    for (const SplicedPiece& piece : pieces_) {
      ends_.push_back(end += piece.size);
    }
  }

  void operator()(std::uint64_t offset, std::span<std::byte> out) const {
    auto i = static_cast<std::size_t>(std::ranges::upper_bound(ends_, offset) - ends_.begin());
    for (; !out.empty(); ++i) {
      if (i == pieces_.size()) {
        throw Error("", "a spliced member's packed data ends before what is to be read");
      }
      const SplicedPiece& piece = pieces_[i];
      const std::uint64_t left = ends_[i] - offset;
      const auto part =
          out.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size())));
      (piece.is_new ? new_bytes_ : original_)(piece.begin + (piece.size - left), part);
      out = out.subspan(part.size());
      offset += part.size();
    }
  }

 private:
  std::vector<SplicedPiece> pieces_;
  std::vector<std::uint64_t> ends_;
  ReadPacked original_;
  ReadPacked new_bytes_;
};

}  // namespace

ReadPacked read_pieces(std::vector<SplicedPiece> pieces, ReadPacked original,
                       ReadPacked new_bytes) {
  return PieceReader(std::move(pieces), std::move(original), std::move(new_bytes));
}

}  // namespace wheel
