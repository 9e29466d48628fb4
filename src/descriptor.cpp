#include "src/descriptor.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace spokeshave {

void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

Descriptor::Descriptor(int number) : number_(number) {
  if (number >= 0 && number <= 2) {
    number_ = fcntl(number, F_DUPFD_CLOEXEC, 3);
    ::close(number);
  }
}

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

void Descriptor::close() {
  if (number_ >= 0) {
    ::close(number_);
  }
  number_ = -1;
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw_errno("pipe");
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor memory_file(std::string_view text) {
  Descriptor file(memfd_create("spokeshave", MFD_CLOEXEC));
  if (file.get() < 0) {
    throw_errno("memfd_create");
  }
  write_all(file.get(), text, "writing to memory");
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

void write_all(int descriptor, std::string_view text, const std::string& what) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count < 0 && errno != EINTR) {
      throw_errno(what);
    }
    text.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
  }
}

}  // namespace spokeshave
