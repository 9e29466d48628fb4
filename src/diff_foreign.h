#pragma once

#include <string>
#include <string_view>

#include "src/diff_lines.h"

// What a diff may hold that is not applied. It is refused, never passed over: the rest of the diff
// alone would not be what its author meant.
namespace spokeshave {

constexpr const char* kHowToMake = "make it with git diff, git format-patch or diff -u";

/// Throws Failure where the current line, outside of any unified diff, begins a binary diff, one of
/// a merge, a context diff, a normal or ed diff, a hunk without file names, names without a hunk,
/// or a mail whose text is encoded. `expects_diff`: no text stands before it that could quote such
/// a line. `file`: whose diff it is, where that is known;
/// `deleted`: its path in the wheel, where the diff deletes it.
void refuse_foreign(const DiffLines& lines, bool expects_diff, const std::string& file = {},
                    const std::string& deleted = {});

/// Throws Failure for UTF-16 and for NUL bytes.
void refuse_other_encodings(std::string_view text, const std::string& diff_name);

}  // namespace spokeshave
