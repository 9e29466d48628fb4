#pragma once

#include <string_view>

#include "src/options.h"
#include "src/style.h"

namespace spokeshave {

/// Whether a progress line makes sense: stderr is a terminal, and nobody asked for silence.
bool wants_progress(const TalkOptions& talk);

/// Colour on stdout, as --color and NO_COLOR (no-color.org) say.
Style output_style(const TalkOptions& talk);

/// Writes to stdout at once. Throws std::system_error where that fails, so that a full disk behind
/// a pipe is no success.
void print(std::string_view text);

}  // namespace spokeshave
