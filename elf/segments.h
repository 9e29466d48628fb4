#pragma once

#include <cstdint>
#include <optional>

#include "elf/bytes.h"
#include "elf/image.h"

// What the program headers say: which file bytes the loader maps where.
namespace elf {

/// Reads the program header table at image.program_headers_offset.
std::vector<Segment> read_segments(Reader& reader, std::uint64_t offset, std::uint64_t count);

/// Throws elf::Error where ld.so could not map the segments, or would map something else than the
/// file holds (glibc, elf/dl-load.c, _dl_map_object_from_fd).
void check_loadable(const Image& image);

/// The first segment of this type, or null.
const Segment* find_segment(const Image& image, std::uint32_t type);

/// A stretch of the file, bytes.
struct FileRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// Whether two stretches of a file, neither of which ends past 2^64, have a byte in common.
bool overlap(const FileRange& one, const FileRange& other);

/// The file bytes from `address` to the end of what its PT_LOAD takes from the file, and on through
/// those PT_LOADs that adjoin both in memory and in the file: patchelf ends one in the midst of a
/// table. None where no PT_LOAD maps file bytes there.
std::optional<FileRange> mapped_bytes(const Image& image, std::uint64_t address);

/// The file bytes behind [address, address + size), or elf::Error naming `what`.
FileRange require_mapped(const Image& image, std::uint64_t address, std::uint64_t size,
                         const char* what);

}  // namespace elf
