#include "elf/bytes.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>

#include "elf/error.h"

namespace elf {

std::uint64_t decode(std::span<const std::byte> bytes, ByteOrder order) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t next = order == ByteOrder::kBig ? i : bytes.size() - 1 - i;
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[next]);
  }
  return value;
}

void encode(std::uint64_t value, std::span<std::byte> bytes, ByteOrder order) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t next = order == ByteOrder::kLittle ? i : bytes.size() - 1 - i;
    bytes[next] = static_cast<std::byte>(value & 0xff);
    value >>= 8;
  }
}

std::uint64_t Record::operator[](Field field) const {
  return decode(bytes_.subspan(field.offset(format_), field.width(format_)), format_.byte_order);
}

void set(std::span<std::byte> record, Format format, Field field, std::uint64_t value) {
  encode(value, record.subspan(field.offset(format), field.width(format)), format.byte_order);
}

std::uint64_t checked_add(std::uint64_t a, std::uint64_t b, std::uint64_t where, const char* what) {
  if (a > std::numeric_limits<std::uint64_t>::max() - b) {
    throw Error(where, std::string(what) + " reaches past the end of the address space");
  }
  return a + b;
}

Reader::Reader(Source& source, Format format)
    : source_(source), format_(format), size_(source.size()) {}

void Reader::require(std::uint64_t offset, std::uint64_t size, const char* what) const {
  if (!fits(offset, size, size_)) {
    throw Error(offset, std::string(what) + " reaches past the end of the file");
  }
}

std::span<const std::byte> Reader::view(std::uint64_t offset, std::size_t size, const char* what) {
  assert(size <= kBlockSize);
  require(offset, size, what);
  const bool held = offset >= block_offset_ && fits(offset - block_offset_, size, block_.size());
  if (!held) load_block(offset);
  return std::span<const std::byte>(block_).subspan(
      static_cast<std::size_t>(offset - block_offset_), size);
}

// What the block before holds of the new one is kept, so that records that lie across the end of a
// block do not send the source back.
void Reader::load_block(std::uint64_t offset) {
  const bool overlaps = offset >= block_offset_ && offset - block_offset_ < block_.size();
  const std::size_t drop =
      overlaps ? static_cast<std::size_t>(offset - block_offset_) : block_.size();
  block_.erase(block_.begin(), block_.begin() + static_cast<std::ptrdiff_t>(drop));
  block_offset_ = offset;
  const std::size_t kept = block_.size();
  const std::uint64_t left = size_ - offset;
  block_.resize(left < kBlockSize ? static_cast<std::size_t>(left) : kBlockSize);
  fetch(offset + kept, std::span(block_).subspan(kept));
}

Record Reader::record(std::uint64_t offset, RecordSize size, const char* what) {
  return Record(view(offset, size.bytes(format_), what), format_);
}

std::uint64_t Reader::number(std::uint64_t offset, std::size_t width, const char* what) {
  return decode(view(offset, width, what), format_.byte_order);
}

void Reader::copy(std::uint64_t offset, std::span<std::byte> out, const char* what) {
  require(offset, out.size(), what);
  fetch(offset, out);
}

void Reader::fetch(std::uint64_t offset, std::span<std::byte> out) {
  if (offset < next_offset_ && ++returns_ > kMaxReturns) {
    throw Error(
        offset,
        "the file's tables are scattered: reading them would go back and forth without end");
  }
  next_offset_ = offset + out.size();
  try {
    source_.read(offset, out);
  } catch (...) {
    block_.clear();  // it may be filled in part: never serve it
    throw;
  }
}

}  // namespace elf
