#pragma once

#include <cstdint>
#include <functional>

namespace wheel {

/// A part of an open file.
struct FilePart {
  int descriptor = -1;
  std::uint64_t offset = 0;  ///< bytes
  std::uint64_t size = 0;    ///< bytes
};

/// Copies a part of a file into another from `offset` on: in the kernel where it can (splice(2), or
/// copy_file_range(2) where a file system could share blocks), else by reading and writing. Neither
/// file's own position moves. `progress` is called with the bytes copied so far. Throws
/// std::system_error, and wheel::Error where the part reaches past the end of its file.
void copy_part(const FilePart& part, int to, std::uint64_t offset,
               const std::function<void(std::uint64_t)>& progress = {});

}  // namespace wheel
