#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "elf/edits.h"
#include "elf/image.h"
#include "elf/source.h"

namespace elf {

/// Bytes that take the place of as many original ones.
struct Patch {
  std::uint64_t offset = 0;  ///< in the original file
  std::vector<std::byte> bytes;
};

/// How one new string found its place. For reports and tests.
enum class Placement {
  kNone,      ///< nothing was to be placed
  kInPlace,   ///< over the old string, whose bytes nobody shares
  kReused,    ///< an equal string or suffix was there already
  kExtended,  ///< behind the string table, which ends the last segment and the file
  kNoteSlot,  ///< a copy of the string table in a tail, mapped by a PT_LOAD that took the slot of a
              ///< PT_NOTE, or of another program header that the file can do without
  kNewTable,  ///< the same, with a copy of the program header table
};

/// A rewritten file is the original bytes, these patches over them, and a tail behind: nothing that
/// was there moves.
struct Rewrite {
  std::uint64_t original_size = 0;         ///< bytes
  std::vector<Patch> patches = {};         ///< ascending, disjoint, inside the original file
  std::vector<std::byte> tail = {};        ///< appended at original_size
  Placement placement = Placement::kNone;  ///< the costliest that was needed
  std::vector<std::string> changes =
      {};  ///< a line each, e.g. "RPATH `$ORIGIN` -> RUNPATH `$ORIGIN:$ORIGIN/../x`"

  bool empty() const { return patches.empty() && tail.empty(); }
  std::uint64_t new_size() const { return original_size + tail.size(); }
  /// Lays the patches over a piece of the original that begins at `offset`: for streams. Pieces may
  /// come in any size and order.
  void apply(std::uint64_t offset, std::span<std::byte> piece) const;
};

/// Works out the patches and the tail that carry `edits` out on the file whose `image` was parsed
/// from `source`. An edit that changes nothing gives an empty Rewrite. Throws elf::Error where the
/// change could only be had by moving what is there (no free dynamic entry, a table that cannot be
/// reached) or would break the file (verneed names a removed NEEDED); std::invalid_argument as
/// check(Edits) does. Reads the dynamic symbols, the versions and the string table.
Rewrite rewrite(Source& source, const Image& image, const Edits& edits);

/// The most bytes that rewrite() could append to a file of this image for strings of `string_bytes`
/// in all: for planning before the bytes are at hand.
std::uint64_t tail_bound(const Image& image, std::uint64_t string_bytes);

}  // namespace elf
