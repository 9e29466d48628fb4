#pragma once

#include <string>
#include <string_view>

#include "src/diff_reading.h"

namespace spokeshave {

struct Mismatch {
  std::string cause;  ///< `hunk 2 of `a.py` expects "x" at line 145, where "y" stands`
  std::string hint;
};

/// Why hunk number `hunk` (from 0) of a diff does not fit into the `content` of `path`: the first
/// line that is different at the place where most of its lines are the same.
Mismatch explain_mismatch(const std::string& path, std::string_view content, const FileDiff& diff,
                          std::size_t hunk);

}  // namespace spokeshave
