#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace elf {

/// The bytes of one file, by offset. They may lie in memory, in a file, or in a compressed member
/// that is decoded forward and goes back at a cost: so read ascending where you can, and never the
/// same megabytes twice. Only elf/bytes.h calls it: that is the one door to untrusted bytes.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// The file's size in bytes.
  virtual std::uint64_t size() const = 0;

  /// Copies out.size() bytes from `offset` on. The caller has checked that the range lies inside
  /// size(). Throws what the storage below throws.
  virtual void read(std::uint64_t offset, std::span<std::byte> out) = 0;
};

/// A source over bytes that somebody else keeps alive.
class MemorySource final : public Source {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) override;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace elf
