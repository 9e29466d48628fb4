#include "wheel/file_window.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "wheel/error.h"

namespace wheel {

void read_at(int descriptor, std::uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = pread(descriptor, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      throw std::system_error(errno, std::generic_category(), "reading the archive");
    }
    if (got == 0) {
      throw Error("", "the file ends at byte " + std::to_string(offset) +
                          ", in the middle of what is being read; was it changed meanwhile?");
    }
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

void write_at(int descriptor, std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put < 0) {
      throw std::system_error(errno, std::generic_category(), "writing the archive");
    }
    offset += static_cast<std::uint64_t>(put);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

std::uint64_t size_of_file(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) {
    throw std::system_error(errno, std::generic_category(), "reading the archive");
  }
  return static_cast<std::uint64_t>(status.st_size);
}

FileWindow::FileWindow(int descriptor, std::uint64_t file_size, std::size_t read_ahead)
    : descriptor_(descriptor), file_size_(file_size), read_ahead_(read_ahead) {}

std::span<const std::byte> FileWindow::at(std::uint64_t offset, std::size_t size,
                                          const char* what) {
  if (offset > file_size_ || size > file_size_ - offset) {
    throw Error("", std::string(what) + " at byte " + std::to_string(offset) +
                        " reaches past the end of the file; it may be truncated");
  }
  if (offset < begin_ || offset - begin_ > buffer_.size() ||
      size > buffer_.size() - (offset - begin_)) {
    const std::uint64_t wanted = std::max(size, read_ahead_);
    buffer_.resize(static_cast<std::size_t>(std::min(wanted, file_size_ - offset)));
    begin_ = offset;
    read_at(descriptor_, offset, buffer_);
  }
  return std::span(buffer_).subspan(static_cast<std::size_t>(offset - begin_), size);
}

}  // namespace wheel
