#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wheel/file_copy.h"
#include "wheel/read_packed.h"

namespace wheel {

enum class Method : std::uint8_t { kStored, kDeflated };

/// One file or folder of the archive, as both its local and its central header tell it.
struct Member {
  std::string name;  ///< UTF-8, `/` between folders; a folder's ends with `/`
  Method method = Method::kStored;
  std::uint64_t packed_bytes = 0;
  std::uint64_t size = 0;         ///< unpacked, bytes
  std::uint64_t data_offset = 0;  ///< where the packed bytes begin in the archive, bytes
  std::uint32_t crc = 0;          ///< of the unpacked bytes
  std::uint32_t mode = 0;  ///< Unix mode with file type (st_mode); 0 where the archive has none
  std::uint16_t dos_time = 0;
  std::uint16_t dos_date = 0;

  bool is_folder() const { return !name.empty() && name.back() == '/'; }
};

/// A zip archive opened for reading. Strict: what PyPI's and uv's readers refuse is refused here
/// when it could make two readers see two different archives. The central directory is read by
/// libzip; its agreement with the local headers, the absence of gaps, overlaps, prefix and trailing
/// bytes, the names, the methods, the ratio of sizes are checked by us (zip_structure.h). Data
/// descriptors are accepted (and checked) on input. Safe to read from several threads at once.
class Archive {
 public:
  /// Opens the file at `path`. Throws wheel::Error where it is not a proper zip archive,
  /// std::system_error where it can't be read.
  static Archive open(const std::string& path);
  /// The same over an open file, which may have no name; the descriptor is duplicated.
  static Archive open(int descriptor);

  Archive(Archive&&) noexcept;
  Archive& operator=(Archive&&) noexcept;
  ~Archive();

  /// In the order of the central directory.
  const std::vector<Member>& members() const;
  /// nullptr where there is none.
  const Member* find(std::string_view name) const;
  /// The archive's size in bytes.
  std::uint64_t file_size() const;
  /// Where the packed bytes of `member` lie; good as long as the archive lives.
  FilePart packed_part(const Member& member) const;
  /// Copies out.size() packed bytes of `member` from `offset` (bytes from the start of its packed
  /// data) on. Throws wheel::Error on a short read.
  void read_packed(const Member& member, std::uint64_t offset, std::span<std::byte> out) const;
  /// The whole of a small member, unpacked and checked against its CRC. Throws wheel::Error where
  /// it is larger than `limit` bytes.
  std::string read_text(const Member& member, std::uint64_t limit = 64u << 20) const;

 private:
  struct State;
  explicit Archive(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Of a member, whose archive must outlive it.
ReadPacked packed_reader(const Archive& archive, const Member& member);

}  // namespace wheel
