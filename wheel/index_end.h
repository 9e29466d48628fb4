#pragma once

#include <cstdint>

#include "wheel/file_window.h"
#include "wheel/index_report.h"
#include "wheel/zip_end.h"

namespace wheel {

struct IndexEnd {
  DirectoryPlace told;      ///< of the central directory, as the record that counts tells it
  std::uint64_t begin = 0;  ///< of the first of the end records, bytes from the file's start
};

/// Reads the records at the archive's end, and tells what is refused of them. Throws wheel::Error
/// where there is no end record in the last 64 KiB, where readers look for it.
IndexEnd read_index_end(FileWindow& file, IndexReport& report);

}  // namespace wheel
