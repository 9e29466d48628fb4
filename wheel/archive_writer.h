#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "wheel/archive.h"
#include "wheel/deflate.h"
#include "wheel/packed_bytes.h"

namespace wheel {

/// How a member of the new archive is called, and its Unix mode with file type (e.g. 0100644) and
/// time.
struct Entry {
  std::string name;
  std::uint32_t mode = 0100644;
  std::uint16_t dos_time = 0;
  std::uint16_t dos_date = 0x21;  ///< 1 January 1980, the first day of the format
};

/// Writes a zip archive, through libzip, that PyPI's and uv's strict readers accept: members in the
/// order in which they are added, no data descriptors, no gaps, no comments, zip64 only where a
/// size or an offset needs it, UTF-8 flag only where the name needs it. Everything is already
/// packed when it is added, so that nothing is compressed while the archive is written. The same
/// calls give the same bytes.
class ArchiveWriter {
 public:
  ArchiveWriter();
  ~ArchiveWriter();
  ArchiveWriter(ArchiveWriter&&) noexcept;
  ArchiveWriter& operator=(ArchiveWriter&&) noexcept;

  /// A member of another archive as it is, packed. `from` must live until write() has returned.
  void add_member(const Entry& entry, const Archive& from, const Member& member);
  /// A member that is packed already, and what it unpacks to. The files that `bytes` lie in must
  /// stay open until write() has returned.
  void add_packed(const Entry& entry, PackedBytes bytes, const Packed& packed);
  /// A short text, packed here.
  void add_text(const Entry& entry, std::string_view text);

  /// The size in bytes, exact, of the archive that write() would write now.
  std::uint64_t archive_size() const;

  /// Writes the archive to an empty, seekable file that is open for reading too: what libzip wrote
  /// is read back. `progress` is called with the bytes written so far. Throws std::system_error on
  /// a failed write, wheel::Error where a source can't be read or a name stands twice. May be
  /// called once.
  void write(int descriptor, const std::function<void(std::uint64_t)>& progress = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wheel
