#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wheel {

/// The code point at `at`, which moves past it; -1 where the bytes are not UTF-8 (RFC 3629: no
/// overlong form, no surrogate).
std::int32_t next_code_point(std::string_view text, std::size_t& at);

bool is_utf8(std::string_view text);

/// Whether a code point is of Unicode's category Other: control and format characters, private use
/// and noncharacters. Of those that are not assigned only the noncharacters count: which they are
/// changes with every version.
bool is_other(std::int32_t point);

/// Whether a text is UTF-8 without such characters.
bool is_printable(std::string_view text);

/// A name that may hold anything, fit for a message: bytes that are not printable ASCII as \xNN.
std::string escaped(std::string_view name);

}  // namespace wheel
