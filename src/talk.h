#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/options.h"
#include "src/style.h"

namespace spokeshave {

/// Whether a progress line makes sense: stderr is a terminal, and nobody asked for silence.
bool wants_progress(const TalkOptions& talk);

/// Colour on stdout, as --color and NO_COLOR (no-color.org) say.
Style output_style(const TalkOptions& talk);

/// With --verbose, writes these lines to stderr.
void tell_more(const TalkOptions& talk, const std::vector<std::string>& lines);

/// Writes to stdout at once. A reader that has gone away, as head(1) does, does not stop the work.
/// Throws Failure where the text cannot be written for another reason, so that a full disk is no
/// success.
void print(std::string_view text);

}  // namespace spokeshave
