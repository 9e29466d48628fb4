#pragma once

#include <string>
#include <vector>

#include "elf/deep_reading.h"

namespace elf {

/// What of the program headers is otherwise than before, beyond what elf/growth.h does: the last
/// PT_LOAD made longer; or one read-only PT_LOAD of the file's new end behind the others, in the
/// place of a PT_NOTE or of another entry that nobody needs, or in a copy of the table, to which
/// PT_PHDR then leads. One line each. Pure.
std::vector<std::string> broken_segments(const DeepReading& before, const DeepReading& after);

/// Whether the new PT_LOAD took the place of a PT_NOTE.
bool took_a_note(const DeepReading& before, const DeepReading& after);

}  // namespace elf
