#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "wheel/sha256.h"

namespace wheel {

/// What a zip header and a RECORD row want to know of packed bytes.
struct Packed {
  std::uint64_t packed_bytes = 0;
  std::uint64_t size = 0;  ///< unpacked, bytes
  std::uint32_t crc = 0;
  Sha256Digest digest{};
};

/// Packs a short text in memory with zlib level 6: the packed bytes (raw deflate).
std::string deflate_text(std::string_view text);
std::uint32_t crc32_of(std::string_view bytes);
/// The CRC-32 of what gave `crc` (0: nothing yet), with `bytes` behind it.
std::uint32_t crc32_update(std::uint32_t crc, std::span<const std::byte> bytes);
/// What a difference between two CRC-32s becomes when the same `size` bytes follow on both.
std::uint32_t crc32_behind(std::uint32_t difference, std::uint64_t size);

/// Packs a stream of `size` bytes into raw deflate, in pieces on `threads` threads, in bounded
/// memory (kPackMemory bytes a thread). `read` is called in order, once for every byte, to fill a
/// buffer; `write` gets the packed bytes in order. The output depends on the input alone, not on
/// the number of threads. What read and write throw passes through, with no thread left behind.
constexpr std::size_t kPackMemory = std::size_t{4} << 20;
Packed deflate_stream(std::uint64_t size, unsigned threads,
                      const std::function<void(std::span<std::byte>)>& read,
                      const std::function<void(std::span<const std::byte>)>& write);

}  // namespace wheel
