#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spokeshave {

/// How one hunk went. The first is 1.
struct HunkResult {
  enum class Kind : std::uint8_t { kMoved, kFailed };
  unsigned hunk = 0;
  Kind kind = Kind::kMoved;
  std::int64_t lines = 0;  ///< of kMoved: how far off
  unsigned fuzz = 0;       ///< of kMoved
};

/// What became of one file.
struct PatchedFile {
  std::string content;
  std::vector<HunkResult> hunks;    ///< those of which the program said something
  bool was_applied_before = false;  ///< it fits in reverse
  bool was_skipped = false;         ///< its hunks were left out for another reason
};

/// Reads what `patch` wrote to stdout about files named 0, 1, 2, ... into `files`.
void read_patch_output(std::string_view output, std::vector<PatchedFile>& files);

}  // namespace spokeshave
