#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// The records of a zip archive as PKWARE's APPNOTE.TXT 6.3.10 lays them out (section numbers
/// beside each). Offsets in bytes from the record's first.
namespace wheel::zip {

/// 4.3.7
namespace local {
constexpr std::uint32_t kSignature = 0x04034b50;
constexpr std::size_t kVersion = 4, kFlags = 6, kMethod = 8, kTime = 10, kDate = 12, kCrc = 14,
                      kPacked = 18, kSize = 22, kNameSize = 26, kExtraSize = 28, kBytes = 30;
}  // namespace local

/// 4.3.12
namespace central {
constexpr std::uint32_t kSignature = 0x02014b50;
constexpr std::size_t kVersion = 6, kFlags = 8, kMethod = 10, kTime = 12, kDate = 14, kCrc = 16,
                      kPacked = 20, kSize = 24, kNameSize = 28, kExtraSize = 30, kCommentSize = 32,
                      kDisk = 34, kExternal = 38, kOffset = 42, kBytes = 46;
}  // namespace central

/// 4.3.16
namespace end {
constexpr std::uint32_t kSignature = 0x06054b50;
constexpr std::size_t kDisk = 4, kDirectoryDisk = 6, kCountHere = 8, kCount = 10,
                      kDirectorySize = 12, kDirectoryOffset = 16, kCommentSize = 20, kBytes = 22;
}  // namespace end

/// 4.3.14
namespace end64 {
constexpr std::uint32_t kSignature = 0x06064b50;
constexpr std::size_t kRecordSize = 4, kDisk = 16, kDirectoryDisk = 20, kCountHere = 24,
                      kCount = 32, kDirectorySize = 40, kDirectoryOffset = 48, kBytes = 56;
}  // namespace end64

/// 4.3.15
namespace locator64 {
constexpr std::uint32_t kSignature = 0x07064b50;
constexpr std::size_t kDisk = 4, kOffset = 8, kDisks = 16, kBytes = 20;
}  // namespace locator64

constexpr std::uint32_t kDescriptorSignature = 0x08074b50;  ///< 4.3.9

/// The newest version that a reader may be asked for, 6.3; 4.4.3.
constexpr std::uint16_t kNewestVersion = 63;

/// General purpose bit flags, 4.4.4.
constexpr std::uint16_t kEncrypted = 1u << 0, kLevelBits = 3u << 1, kHasDescriptor = 1u << 3,
                        kPatched = 1u << 5, kStronglyEncrypted = 1u << 6, kUtf8 = 1u << 11,
                        kMasked = 1u << 13;

constexpr std::uint16_t kStoredMethod = 0, kDeflateMethod = 8;        ///< 4.4.5
constexpr std::uint16_t kZip64Extra = 0x0001, kUnicodePath = 0x7075;  ///< 4.5.2, 4.6.9
constexpr std::uint32_t kSentinel32 = 0xffffffff;  ///< the value stands in the zip64 extra field
constexpr std::uint16_t kSentinel16 = 0xffff;

template <typename T>
T load(std::span<const std::byte> bytes, std::size_t offset) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | std::to_integer<T>(bytes[offset + i]) << (8 * i));
  }
  return value;
}
inline std::uint16_t u16(std::span<const std::byte> b, std::size_t at) {
  return load<std::uint16_t>(b, at);
}
inline std::uint32_t u32(std::span<const std::byte> b, std::size_t at) {
  return load<std::uint32_t>(b, at);
}
inline std::uint64_t u64(std::span<const std::byte> b, std::size_t at) {
  return load<std::uint64_t>(b, at);
}

}  // namespace wheel::zip
