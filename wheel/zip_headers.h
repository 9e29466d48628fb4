#pragma once

#include <cstdint>
#include <string>

#include "wheel/archive.h"
#include "wheel/file_window.h"

namespace wheel {

/// A central header (APPNOTE 4.3.12): the member, and what leads to its local header.
struct CentralHeader {
  Member member;  ///< but for data_offset
  std::uint64_t local_offset = 0;
  std::uint16_t flags = 0;
  std::uint64_t bytes = 0;  ///< of the header with name, extra fields and comment
};

/// Reads the central header at `offset`; checks all that can be checked in it alone. Throws
/// wheel::Error.
CentralHeader read_central_header(FileWindow& file, std::uint64_t offset);

/// Reads the local header that `central` leads to, checks that it says the same, and gives where
/// the packed data begins.
std::uint64_t read_local_header(FileWindow& file, const CentralHeader& central);

/// Checks the data descriptor (APPNOTE 4.3.9) of `bytes` bytes at `offset` against what the central
/// header says.
void check_data_descriptor(FileWindow& file, const CentralHeader& central, std::uint64_t offset,
                           std::uint64_t bytes);

}  // namespace wheel
