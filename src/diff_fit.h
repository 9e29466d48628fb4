#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "src/diff_reading.h"

namespace spokeshave {

/// A hunk (from 0) that GNU patch cannot make fit anywhere in `content`, whatever the fuzz: lines
/// that it needs stand nowhere, or not one below the other. It is looked for only where GNU patch,
/// which tries each hunk at each line, could take long to say so. Nothing where there is none of
/// the kind; the hunks may still not fit. Time and memory are bounded by the sizes of both.
std::optional<std::size_t> find_hopeless_hunk(std::string_view content, const FileDiff& diff);

}  // namespace spokeshave
