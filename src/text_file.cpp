#include "src/text_file.h"

#include <fcntl.h>

#include <filesystem>
#include <system_error>

#include "src/descriptor.h"
#include "src/output_file.h"

namespace spokeshave {

namespace {

namespace fs = std::filesystem;

void write_into(const std::string& path, const std::string& text) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) {
    throw_errno(path);
  }
  write_all(file.get(), text, path);
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
