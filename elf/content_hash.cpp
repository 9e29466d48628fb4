#include "elf/content_hash.h"

#include <algorithm>

namespace elf {

std::span<const std::uint8_t> bytes_at(std::span<const std::uint8_t> bytes,
                                       const FileRange& range) {
  const std::uint64_t begin = std::min<std::uint64_t>(range.offset, bytes.size());
  const std::uint64_t size = std::min<std::uint64_t>(range.size, bytes.size() - begin);
  return bytes.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
}

std::uint64_t hash_between(std::span<const std::uint8_t> bytes, const FileRange& range,
                           const std::vector<FileRange>& left_out, std::uint64_t key) {
  ContentHash hash(key);
  std::uint64_t at = range.offset;
  const std::uint64_t end = range.offset + range.size;
  for (const FileRange& each : left_out) {
    if (each.offset >= end) break;
    if (each.offset > at) hash.add(bytes_at(bytes, {at, each.offset - at}));
    at = std::max(at, each.offset + each.size);
  }
  if (at < end) hash.add(bytes_at(bytes, {at, end - at}));
  return hash.value();
}

}  // namespace elf
