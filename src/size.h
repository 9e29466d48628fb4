#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spokeshave {

/// `3GB` -> 3e9, `3GiB` -> 3 x 2^30, `1.5MB`, `700` (bytes); k, M, G, T in either case, the B may
/// be left out. Nothing for what is no size, is zero or does not fit 63 bits.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// Bytes for people, in powers of 1000, three digits: `739 MB`, `4.40 GB`, `512 B`.
std::string format_size(std::uint64_t bytes);

}  // namespace spokeshave
