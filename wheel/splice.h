#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "wheel/archive.h"
#include "wheel/deflate.h"
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
  Packed packed;
};

/// Why splicing is not the way to these edits; empty where it is. It is not where a member is not
/// deflated, or where so much would be packed by zlib that packing all of it in parallel
/// (deflate_stream) is quicker.
std::string splice_obstacle(const Member& member, const SpliceEdits& edits);

/// Edits a deflated member inside its packed data. Where an edit begins, the block that is there is
/// ended with its own end-of-block symbol; the edit and what may refer to it are packed anew; then
/// the header of the block that is there is copied, and the rest of the stream follows as it is,
/// bit by bit at the same places of a byte. So the size of blocks does not matter, and no edits
/// give the same bytes. The whole member is decoded once and compared with its size and CRC.
/// Memory: kSpliceMemory bytes and the new ones. `overlap`: hash on a thread of its own. `progress`
/// is called with the number of bytes decoded since the last time. Throws wheel::Error where the
/// packed data is damaged. Only where there is no splice_obstacle().
constexpr std::size_t kSpliceMemory = std::size_t{2} << 20;
Spliced splice(const ReadPacked& read, const Member& member, const SpliceEdits& edits, bool overlap,
               const std::function<void(std::uint64_t)>& progress = {});

}  // namespace wheel
