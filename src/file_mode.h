#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace spokeshave {

/// The permission bits that octal digits say: `755` and `0755` -> 0755. Nothing for other text,
/// for what is over 0777 (a wheel has no set-user-ID bits), and where the owner may not read: such
/// a file cannot be used once it is installed, and mode 0 means in archives that there is none.
std::optional<std::uint32_t> parse_mode(const std::string& text);

/// 0755 -> `755`, 044 -> `044`.
std::string mode_text(std::uint32_t mode);

}  // namespace spokeshave
