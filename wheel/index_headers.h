#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "wheel/file_window.h"
#include "wheel/index_report.h"

namespace wheel {

/// What one header of a member tells, right or wrong. What the zip64 field holds stands in place of
/// the 32-bit values that leave it to that.
struct IndexHeader {
  std::string name;  ///< any bytes
  std::uint16_t flags = 0;
  std::uint16_t method = 0;  ///< APPNOTE 4.4.5
  std::uint32_t crc = 0;
  std::uint64_t packed_bytes = 0;
  std::uint64_t size = 0;          ///< unpacked, bytes
  std::uint64_t local_offset = 0;  ///< central headers only: as told
  std::uint64_t bytes = 0;         ///< of the header with name, extra fields and comment

  bool is_folder() const { return !name.empty() && name.back() == '/'; }
  bool has_descriptor() const;
};

/// `size` bytes from `offset` on, good until the next call; nothing where they leave the file.
std::optional<std::span<const std::byte>> bytes_at(FileWindow& file, std::uint64_t offset,
                                                   std::size_t size);
/// The four bytes there as a signature; 0 where they leave the file.
std::uint32_t signature_at(FileWindow& file, std::uint64_t offset);

/// Reads the central header at `offset`, and tells what is refused of it alone. Nothing where there
/// is none, or it leaves the file.
std::optional<IndexHeader> read_index_central(FileWindow& file, std::uint64_t offset,
                                              IndexReport& report);

/// The same for a local header. Its packed_bytes are those that warehouse goes on by (zipfiles.py):
/// always the zip64 field's where that has them.
std::optional<IndexHeader> read_index_local(FileWindow& file, std::uint64_t offset,
                                            IndexReport& report);

/// Where the data descriptor that follows packed data at `offset` ends, as far as it can be told:
/// by its own signature, or by what follows it.
std::uint64_t descriptor_end(FileWindow& file, std::uint64_t offset);

}  // namespace wheel
