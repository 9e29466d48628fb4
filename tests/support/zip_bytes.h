#pragma once

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace support {

/// Raw deflate by zlib.
inline std::string zlib_deflate(std::string_view text, int level = 6) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// Raw inflate by zlib; throws where the stream does not end with the bytes.
inline std::string zlib_inflate(std::string_view packed, std::size_t size) {
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) throw std::bad_alloc();
  std::string text(size + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const int status = inflate(&stream, Z_FINISH);
  text.resize(stream.total_out);
  const bool whole = status == Z_STREAM_END && stream.avail_in == 0 && text.size() == size;
  inflateEnd(&stream);
  if (!whole) throw std::runtime_error("zlib does not take it");
  return text;
}

inline std::string le(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    text += static_cast<char>(i < 8 ? value >> (8 * i) & 255 : 0);
  }
  return text;
}

/// What stands behind a member's data where its flags have bit 3.
enum class Descriptor { kNone, kSigned, kUnsigned, kSignedZip64, kUnsignedZip64 };

/// A member of a zip archive in the making, proper unless told otherwise.
struct ZipMember {
  std::string name = {};
  std::string content = {};
  std::uint16_t method = 8;
  std::uint32_t mode = 0100644;
  std::uint16_t flags = 0;
  std::uint16_t time = 0x6000;
  std::uint16_t date = 0x5721;
  std::string local_extra = {};
  std::string central_extra = {};
  std::string comment = {};
  Descriptor descriptor = Descriptor::kNone;
  bool packed_by_caller = false;  ///< `content` is raw deflate of `size` bytes with CRC `crc`
  std::uint32_t size = 0;
  std::uint32_t crc = 0;
};

/// The bytes of an archive, and where its records begin, so that a test can make one field wild.
/// Field offsets in the tests are APPNOTE.TXT's.
struct ZipImage {
  std::string bytes;
  std::vector<std::size_t> local, data, central;  ///< one a member
  std::size_t end = 0;                            ///< of central directory, the first end record

  ZipImage& put(std::size_t at, std::uint64_t value, std::size_t size) {
    bytes.replace(at, size, le(value, size));
    return *this;
  }
  ZipImage& put16(std::size_t at, std::uint64_t value) { return put(at, value, 2); }
  ZipImage& put32(std::size_t at, std::uint64_t value) { return put(at, value, 4); }
  std::uint64_t get(std::size_t at, std::size_t size) const {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
    }
    return value;
  }
};

struct ZipOptions {
  bool zip64_end = false;  ///< with zip64's end record and locator, though nothing needs them
  std::string comment = {};
  std::string gap_before_directory = {};
};

/// Writes the archive. The only judge of what a reader must take is the reader of somebody else:
/// see the tests of this file.
inline ZipImage make_zip(const std::vector<ZipMember>& members, const ZipOptions& options = {}) {
  ZipImage image;
  std::string directory;
  std::vector<std::size_t> central;
  for (const ZipMember& m : members) {
    const bool caller = m.packed_by_caller;
    const std::string packed = m.method == 8 && !caller ? zlib_deflate(m.content) : m.content;
    const std::uint64_t size = caller ? m.size : m.content.size();
    const std::uint64_t crc = caller ? m.crc
                                     : crc32(0, reinterpret_cast<const Bytef*>(m.content.data()),
                                             static_cast<uInt>(m.content.size()));
    const bool streamed = m.descriptor != Descriptor::kNone;
    const std::uint64_t flags = m.flags | (streamed ? 8u : 0u);
    const std::string facts = le(crc, 4) + le(packed.size(), 4) + le(size, 4);
    const std::string common =
        le(20, 2) + le(flags, 2) + le(m.method, 2) + le(m.time, 2) + le(m.date, 2);
    const std::size_t at = image.bytes.size();
    image.local.push_back(at);
    image.bytes += "PK\3\4" + common + (streamed ? le(0, 12) : facts) + le(m.name.size(), 2) +
                   le(m.local_extra.size(), 2) + m.name + m.local_extra;
    image.data.push_back(image.bytes.size());
    image.bytes += packed;
    if (m.descriptor == Descriptor::kSigned || m.descriptor == Descriptor::kSignedZip64) {
      image.bytes += "PK\7\10";
    }
    if (m.descriptor == Descriptor::kSigned || m.descriptor == Descriptor::kUnsigned) {
      image.bytes += facts;
    } else if (streamed) {
      image.bytes += le(crc, 4) + le(packed.size(), 8) + le(size, 8);
    }
    central.push_back(directory.size());
    const std::uint64_t attributes = std::uint64_t{m.mode} << 16;
    directory += "PK\1\2" + le(3 << 8 | 20, 2) + common + facts + le(m.name.size(), 2) +
                 le(m.central_extra.size(), 2) + le(m.comment.size(), 2) + le(0, 4) +
                 le(attributes, 4) + le(at, 4) + m.name + m.central_extra + m.comment;
  }
  image.bytes += options.gap_before_directory;
  const std::size_t begin = image.bytes.size();
  for (const std::size_t at : central) {
    image.central.push_back(begin + at);
  }
  image.bytes += directory;
  image.end = image.bytes.size();
  if (options.zip64_end) {
    image.bytes += "PK\6\6" + le(44, 8) + le(45, 2) + le(45, 2) + le(0, 8) + le(members.size(), 8) +
                   le(members.size(), 8) + le(directory.size(), 8) + le(begin, 8);
    image.bytes += "PK\6\7" + le(0, 4) + le(image.end, 8) + le(1, 4);
  }
  image.bytes += "PK\5\6" + le(0, 4) + le(members.size(), 2) + le(members.size(), 2) +
                 le(directory.size(), 4) + le(begin, 4) + le(options.comment.size(), 2) +
                 options.comment;
  return image;
}

/// An open file without a name.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes = {})
      : descriptor_(memfd_create("test", MFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
    while (!bytes.empty()) {
      const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
      if (put <= 0) throw std::system_error(errno, std::generic_category(), "write");
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  MemoryFile(MemoryFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~MemoryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }
  /// A name under which other programs can open it, while this process lives.
  std::string path() const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(descriptor_);
  }

 private:
  int descriptor_;
};

}  // namespace support
