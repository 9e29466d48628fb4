#pragma once

#include <vector>

#include "src/diff_lines.h"
#include "src/diff_reading.h"

namespace spokeshave {

/// Whether this line begins a hunk of a unified diff.
bool begins_hunk(std::string_view line);

/// Reads the hunks that begin at the current line, and leaves `lines` behind them. Throws Failure:
/// counts that do not fit the lines, hunks that are empty or out of order, a line end that is
/// missing in the middle.
std::vector<DiffHunk> read_hunks(DiffLines& lines);

/// Behind a diff's end: throws Failure, for `cause`, where the current line seems to belong to it
/// still. It would be taken for text, and lost.
void check_end(const DiffLines& lines, const char* cause);

}  // namespace spokeshave
