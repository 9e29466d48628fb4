#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "elf/format.h"
#include "elf/source.h"

// The one checked door to untrusted bytes: no other file does arithmetic on an offset that it has
// not had checked here, and no other file calls Source::read.
namespace elf {

/// Numbers as the file lays them down. `bytes` has exactly the number's width.
std::uint64_t decode(std::span<const std::byte> bytes, ByteOrder order);
void encode(std::uint64_t value, std::span<std::byte> bytes, ByteOrder order);

/// One record (a program header, a symbol, ...) in memory.
class Record {
 public:
  Record(std::span<const std::byte> bytes, Format format) : bytes_(bytes), format_(format) {}
  std::uint64_t operator[](Field field) const;

 private:
  std::span<const std::byte> bytes_;
  Format format_;
};

/// Sets one field of a record that is to be written.
void set(std::span<std::byte> record, Format format, Field field, std::uint64_t value);

/// Whether [offset, offset + size) lies inside `limit` bytes; the sum cannot wrap.
constexpr bool fits(std::uint64_t offset, std::uint64_t size, std::uint64_t limit) {
  return offset <= limit && size <= limit - offset;
}

/// The sum, or elf::Error at `where` if it wraps.
std::uint64_t checked_add(std::uint64_t a, std::uint64_t b, std::uint64_t where, const char* what);

/// Reads a Source by offset. Small reads are served from one block, so that many of them in a row
/// cost one read of the source. A file whose tables send the reader back too often is refused:
/// where the source is a compressed member each way back costs the decoding of megabytes.
class Reader {
 public:
  static constexpr std::size_t kBlockSize = std::size_t{64} * 1024;  ///< bytes
  static constexpr unsigned kMaxReturns = 512;  ///< reads that lie before the one before them

  Reader(Source& source, Format format);

  std::uint64_t size() const { return size_; }
  Format format() const { return format_; }
  void set_format(Format format) { format_ = format; }

  /// Throws elf::Error "`what` reaches past the end of the file" unless the range lies inside the
  /// file.
  void require(std::uint64_t offset, std::uint64_t size, const char* what) const;

  /// The bytes of the range, at most kBlockSize, valid until the next call.
  std::span<const std::byte> view(std::uint64_t offset, std::size_t size, const char* what);
  Record record(std::uint64_t offset, RecordSize size, const char* what);
  std::uint64_t number(std::uint64_t offset, std::size_t width, const char* what);

  /// Copies the range, of any size.
  void copy(std::uint64_t offset, std::span<std::byte> out, const char* what);

  /// Calls consume(position, piece) for pieces of the range in order, each a multiple of `unit`
  /// bytes long
  /// (`unit` divides no more than kBlockSize; a rest shorter than a unit is left out). consume
  /// returns whether to go on.
  template <typename Consume>
  void stream(std::uint64_t offset, std::uint64_t size, std::size_t unit, const char* what,
              Consume consume) {
    require(offset, size, what);
    const std::size_t step = kBlockSize / unit * unit;
    for (std::uint64_t done = 0; size - done >= unit;) {
      const std::uint64_t left = (size - done) / unit * unit;
      const std::size_t piece = left < step ? static_cast<std::size_t>(left) : step;
      if (!consume(offset + done, view(offset + done, piece, what))) return;
      done += piece;
    }
  }

 private:
  void load_block(std::uint64_t offset);
  void fetch(std::uint64_t offset, std::span<std::byte> out);

  Source& source_;
  Format format_;
  std::uint64_t size_;
  std::vector<std::byte> block_;
  std::uint64_t block_offset_ = 0;
  std::uint64_t next_offset_ = 0;  // where the read before ended
  unsigned returns_ = 0;
};

}  // namespace elf
