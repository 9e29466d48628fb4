#include "wheel/packed_bytes.h"

#include <algorithm>
#include <utility>

#include "wheel/error.h"
#include "wheel/file_window.h"

namespace wheel {

namespace {
constexpr const char* kTooShort = "packed data ends before what is to be read of it";
}

std::span<const FilePart> PackedBytes::parts() const {
  if (const FilePart* const one = one_part()) {
    return {one, 1};
  }
  const auto* const several = std::get_if<std::vector<FilePart>>(&place_);
  return several == nullptr ? std::span<const FilePart>() : *several;
}

void PackedBytes::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (const auto* const text = std::get_if<std::string>(&place_)) {
    if (offset > text->size() || out.size() > text->size() - offset) {
      throw Error("", kTooShort);
    }
    const auto bytes = std::as_bytes(std::span(*text));
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return;
  }
  for (const FilePart& part : parts()) {
    if (offset >= part.size) {
      offset -= part.size;
      continue;
    }
    const std::uint64_t left = part.size - offset;
    const auto run = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size())));
    read_at(part.descriptor, part.offset + offset, run);
    out = out.subspan(run.size());
    offset = 0;
  }
  if (!out.empty() || offset != 0) {
    throw Error("", kTooShort);
  }
}

void PackedBytes::copy(int to, std::uint64_t offset,
                       const std::function<void(std::uint64_t)>& progress) const {
  std::uint64_t done = 0;
  for (const FilePart& part : parts()) {
    copy_part(part, to, offset + done, [&](std::uint64_t bytes) { progress(done + bytes); });
    done += part.size;
  }
}

PackedBytes spliced_bytes(const FilePart& original, int descriptor, std::uint64_t offset,
                          const std::vector<SplicedPiece>& pieces) {
  std::vector<FilePart> parts;
  parts.reserve(pieces.size());
  for (const SplicedPiece& piece : pieces) {
    parts.push_back(piece.is_new
                        ? FilePart{descriptor, offset + piece.begin, piece.size}
                        : FilePart{original.descriptor, original.offset + piece.begin, piece.size});
  }
  return PackedBytes(std::move(parts));
}

}  // namespace wheel
