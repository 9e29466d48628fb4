#pragma once

#include <cstdint>

#include "wheel/text_cursor.h"

namespace wheel {

enum class Markers : std::uint8_t {
  kUsable,  ///< such as we write
  kAny,     ///< all that packaging and uv read
};

/// Reads an environment marker, `python_version < "3.9" and extra == 'test'`, and the blanks around
/// it off the cursor (PEP 508, "Environment markers"). kUsable: stricter than the grammar where an
/// installer could make nothing of it: a comparison has a variable and a string, and a string that
/// is compared with a Python version is a version. Throws wheel::Error with the column of the
/// mistake and what was expected there.
void read_marker(TextCursor& cursor, Markers markers = Markers::kUsable);

}  // namespace wheel
