#include "wheel/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "wheel/error.h"

namespace wheel {
namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void check_regular(int number) {
  struct stat status {};
  if (fstat(number, &status) != 0) {
    throw_errno("reading the archive");
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error("", "it is not a regular file");
  }
}

}  // namespace

Descriptor::Descriptor(int number) : number_(number) {
  if (number < 0) {
    throw_errno("opening the archive");
  }
  try {
    check_regular(number);
  } catch (...) {
    close(number);
    throw;
  }
}

// O_NONBLOCK: a pipe would wait for a writer.
Descriptor::Descriptor(const std::string& path)
    : Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}

Descriptor::~Descriptor() {
  close(number_);
}

}  // namespace wheel
