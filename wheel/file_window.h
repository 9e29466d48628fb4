#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wheel {

/// Reads exactly out.size() bytes of an open file from `offset` on. Throws std::system_error, and
/// wheel::Error where the file ends before.
void read_at(int descriptor, std::uint64_t offset, std::span<std::byte> out);

/// Writes all of `bytes` to an open file from `offset` on. Throws std::system_error.
void write_at(int descriptor, std::uint64_t offset, std::span<const std::byte> bytes);

/// Throws std::system_error.
std::uint64_t size_of_file(int descriptor);

/// The bytes of an open file by offset, with one bounded buffer. The one door to what a zip archive
/// says of itself: a range that leaves the file is an Error, never a short answer.
class FileWindow {
 public:
  /// `read_ahead`: how much is read at once where nothing more is asked for.
  FileWindow(int descriptor, std::uint64_t file_size, std::size_t read_ahead);

  std::uint64_t file_size() const { return file_size_; }

  /// `size` bytes from `offset` on, good until the next call. `what` names them in the Error: "the
  /// central directory".
  std::span<const std::byte> at(std::uint64_t offset, std::size_t size, const char* what);

 private:
  int descriptor_;
  std::uint64_t file_size_;
  std::size_t read_ahead_;
  std::uint64_t begin_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace wheel
