#include "src/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <system_error>

#include "src/output_file.h"

namespace spokeshave {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_errno(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), path);
}

void write_all(int descriptor, const std::string& text, const std::string& path) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) {
      throw_errno(path);
    }
    done += count < 0 ? 0 : static_cast<std::size_t>(count);
  }
}

void write_into(const std::string& path, const std::string& text) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw_errno(path);
  }
  try {
    write_all(descriptor, text, path);
  } catch (const std::system_error&) {
    close(descriptor);
    throw;
  }
  close(descriptor);
}

}  // namespace

void write_text_file(const std::string& path, const std::string& text) {
  std::error_code ignored;
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
    write_into(path, text);
    return;
  }
  const fs::path target = fs::weakly_canonical(fs::absolute(path));  // a link stays one
  OutputFile file(target.parent_path().string());
  write_all(file.descriptor(), text, path);
  file.publish(target.string(), true);
}

}  // namespace spokeshave
