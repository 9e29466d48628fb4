#include "src/private_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "src/descriptor.h"
#include "src/signal_cleanup.h"

namespace spokeshave {

namespace fs = std::filesystem;

PrivateFolder::PrivateFolder(const std::string& parent) {
  path_ = fs::absolute(parent).string() + "/.spokeshave-XXXXXX";
  const HoldSignals hold;
  if (mkdtemp(path_.data()) == nullptr) {
    throw_errno(parent);
  }
  remove_on_signal(path_);
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  keep_on_signal(path_);
}

void PrivateFolder::write(const std::string& name, std::string_view content) const {
  const std::string path = path_ + "/" + name;
  const Descriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.get() < 0) {
    throw_errno(path);
  }
  write_all(file.get(), content, path);
}

std::optional<std::string> PrivateFolder::read(const std::string& name) const {
  const std::string path = path_ + "/" + name;
  // O_NONBLOCK: opening a named pipe would wait for somebody who writes into it.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t count = ::read(file.get(), content.data() + done, content.size() - done);
    if (count < 0 && errno != EINTR) {
      throw_errno(path);
    }
    if (count == 0) {
      break;
    }
    done += count < 0 ? 0 : static_cast<std::size_t>(count);
  }
  content.resize(done);
  return content;
}

std::vector<std::string> PrivateFolder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void PrivateFolder::clear() const {
  for (const auto& name : names()) {
    fs::remove_all(path_ + "/" + name);
  }
}

}  // namespace spokeshave
