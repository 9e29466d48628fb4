#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "wheel/archive.h"
#include "wheel/inflate_point.h"
#include "wheel/read_packed.h"
#include "wheel/spliced_pieces.h"

namespace wheel {

/// Bytes that take the place of as many others, in the unpacked member.
struct SplicePatch {
  std::uint64_t offset = 0;
  std::span<const std::byte> bytes;
};

/// What a member is to become: its bytes with the patches over them, and the tail behind.
struct SpliceEdits {
  std::vector<SplicePatch> patches;  ///< ascending, disjoint, inside the member
  std::span<const std::byte> tail;
};

/// The packed bytes of a member that was edited without packing it anew: all but a little stand in
/// the original member already.
struct Spliced {
  std::vector<SplicedPiece> pieces;
  std::vector<std::byte> new_bytes;
  std::uint64_t packed_bytes = 0;
  std::uint64_t size = 0;  ///< unpacked, bytes
  std::uint32_t crc = 0;   ///< worked out from the member's and the edits, not by decoding
};

/// Why splicing is not the way to these edits; empty where it is. It is not where a member is not
/// deflated, or where so much would be packed by zlib that packing all of it in parallel
/// (deflate_stream) is quicker.
std::string splice_obstacle(const Member& member, const SpliceEdits& edits);

/// Edits a deflated member inside its packed data. Where an edit begins, the block that is there is
/// ended with its own end-of-block symbol; the edit and what may refer to it are packed anew; then
/// the header of the block that is there is copied, and the rest of the stream follows as it is,
/// bit by bit at the same places of a byte. So the size of blocks does not matter, and no edits
/// give the same bytes.
/// Decodes from the nearest of `points` before each edit, and from the last one to the end; without
/// points, all. They are those of a MemberStream that has decoded the member and found its CRC
/// right: that is not checked again. Memory: kSpliceMemory bytes and the new ones. Throws
/// wheel::Error where the packed data is damaged. Only where there is no splice_obstacle().
constexpr std::size_t kSpliceMemory = std::size_t{2} << 20;
Spliced splice(const ReadPacked& read, const Member& member, const SpliceEdits& edits,
               const MemberPoints& points = {});

}  // namespace wheel
