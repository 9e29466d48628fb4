#pragma once

#include <cstdint>

#include "wheel/file_window.h"

namespace wheel {

/// Where the central directory lies, as the records at the archive's end tell it.
struct DirectoryPlace {
  std::uint64_t offset = 0;  ///< bytes from the file's start
  std::uint64_t bytes = 0;
  std::uint64_t count = 0;  ///< of members
};

/// Reads the end record and zip64's two, which must end the file exactly, with the directory right
/// before them. Throws wheel::Error.
DirectoryPlace read_end(FileWindow& file);

}  // namespace wheel
