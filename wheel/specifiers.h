#pragma once

#include <string_view>

#include "wheel/text_cursor.h"

namespace wheel {

/// Checks version specifiers, `>=3.8,!=3.9.*`, as Requires-Python has them (PEP 440, "Version
/// specifiers"). A comma behind the last is let pass, as packaging and uv do. Throws wheel::Error
/// with the column of the mistake and what was expected there.
void check_specifiers(std::string_view specifiers);

/// Reads one specifier, `>= 1.2`, off the cursor. Throws as above.
void read_specifier(TextCursor& cursor);

/// Reads specifiers with commas between, and the blanks behind them; none at all where the text
/// goes on with no operator.
void read_specifiers(TextCursor& cursor);

/// One of ===, ==, ~=, !=, <=, >=, <, > at the cursor, not taken; empty where there is none.
std::string_view comparison_at(const TextCursor& cursor);

}  // namespace wheel
