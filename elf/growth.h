#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "elf/image.h"
#include "elf/rewrite.h"

namespace elf {

/// A string table that has become longer: where it lies and who maps it. Numbers only.
struct Growth {
  Placement placement = Placement::kNone;    ///< kExtended, kNoteSlot or kNewTable
  std::uint64_t table_offset = 0;            ///< in the new file
  std::uint64_t table_address = 0;           ///< DT_STRTAB
  std::uint64_t table_size = 0;              ///< DT_STRSZ, bytes
  std::uint64_t appended_at = 0;             ///< where the new strings begin, in the table
  std::vector<Segment> segments;             ///< the program headers
  std::uint64_t program_headers_offset = 0;  ///< e_phoff

  bool moves_table() const { return placement != Placement::kExtended; }
  bool moves_program_headers() const { return placement == Placement::kNewTable; }
};

/// The file's last bytes behind a string table that ends the last segment and the file but for this
/// padding, which is alignment where it is zero. None where the string table lies elsewhere.
std::optional<std::uint64_t> padding_behind_table(const Image& image);

/// The string table made longer by `appended` bytes where it is; padding_behind_table() says
/// whether that can be.
Growth extend_table(const Image& image, std::uint64_t appended);

/// A copy of the string table, longer by `appended` bytes, in a tail of the file with a segment of
/// its own. elf::Error where the file has no room for another segment, or the address space has
/// none.
Growth copy_table(const Image& image, std::uint64_t appended);

/// The most bytes that a growth by `appended` can add to the file.
std::uint64_t growth_bound(const Image& image, std::uint64_t appended);

}  // namespace elf
