#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wheel/file_window.h"
#include "wheel/index_headers.h"
#include "wheel/index_report.h"

namespace wheel {

/// A member as the central directory tells it.
struct IndexMember {
  IndexHeader header;
  std::optional<std::uint64_t> data_offset;  ///< nothing where no local header was met there
};

/// Reads the structure of the archive as warehouse and uv do, and tells what they refuse of it:
/// local headers with their data from byte 0 on, then the central directory, then the end records,
/// each byte belonging to one of them, the headers of each member saying the same. Gives the
/// members in the order of the central directory. Throws wheel::Error where there is no end record,
/// or more members than zip_structure.h allows.
std::vector<IndexMember> read_index_archive(FileWindow& file, IndexReport& report);

}  // namespace wheel
