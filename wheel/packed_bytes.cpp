#include "wheel/packed_bytes.h"

#include <algorithm>
#include <utility>

#include "wheel/error.h"
#include "wheel/file_window.h"

namespace wheel {

PackedBytes::PackedBytes(std::vector<FilePart> parts) : parts_(std::move(parts)) {
  std::uint64_t end = 0;
  for (const FilePart& part : parts_) {
    ends_.push_back(end += part.size);
  }
}

PackedBytes::PackedBytes(std::string packed_text)
    : text_(std::make_shared<const std::string>(std::move(packed_text))) {}

void PackedBytes::read(std::uint64_t offset, std::span<std::byte> out) const {
  const std::uint64_t size = text_ ? text_->size() : ends_.empty() ? 0 : ends_.back();
  if (offset > size || out.size() > size - offset) {
    throw Error("", "packed data ends before what is to be read of it");
  }
  if (text_) {
    const auto bytes = std::as_bytes(std::span(*text_));
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return;
  }
  auto i = static_cast<std::size_t>(std::ranges::upper_bound(ends_, offset) - ends_.begin());
  for (; !out.empty(); ++i) {
    const std::uint64_t left = ends_[i] - offset;
    const auto run = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size())));
    read_at(parts_[i].descriptor, parts_[i].offset + (parts_[i].size - left), run);
    out = out.subspan(run.size());
    offset += run.size();
  }
}

void PackedBytes::copy(int to, std::uint64_t offset,
                       const std::function<void(std::uint64_t)>& progress) const {
  std::uint64_t done = 0;
  for (const FilePart& part : parts_) {
    copy_part(part, to, offset + done, [&](std::uint64_t bytes) { progress(done + bytes); });
    done += part.size;
  }
}

PackedBytes spliced_bytes(const FilePart& original, int descriptor, std::uint64_t offset,
                          const std::vector<SplicedPiece>& pieces) {
  std::vector<FilePart> parts;
  for (const SplicedPiece& piece : pieces) {
    parts.push_back(piece.is_new
                        ? FilePart{descriptor, offset + piece.begin, piece.size}
                        : FilePart{original.descriptor, original.offset + piece.begin, piece.size});
  }
  return PackedBytes(std::move(parts));
}

}  // namespace wheel
