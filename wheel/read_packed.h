#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace wheel {

/// Fills a buffer with packed bytes of a member, from an offset in them on.
using ReadPacked = std::function<void(std::uint64_t offset, std::span<std::byte> out)>;

}  // namespace wheel
