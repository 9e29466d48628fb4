#pragma once

#include "elf/rewrite.h"

namespace spokeshave {

/// Carries a rewrite out in the open file itself: only the tail and the patched bytes are written,
/// the tail first, to which nothing leads before the patches. What fails is undone: the bytes that
/// were there are put back, and the tail is cut off. Signals that end the program wait meanwhile.
/// Throws std::system_error.
void write_rewrite_in_place(int descriptor, const elf::Rewrite& rewrite);

}  // namespace spokeshave
