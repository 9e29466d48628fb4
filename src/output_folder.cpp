#include "src/output_folder.h"

#include <fmt/format.h>

#include "src/failure.h"

namespace spokeshave {

namespace fs = std::filesystem;

OutputFolder::OutputFolder(const std::string& path) {
  std::error_code error;
  for (fs::path folder = fs::absolute(path).lexically_normal();
       !folder.empty() && !fs::exists(folder, error); folder = folder.parent_path()) {
    if (folder.has_filename()) {
      made_.push_back(folder);
    }
  }
  fs::create_directories(path, error);
  if (!error && !fs::is_directory(path)) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (error) {
    remove_made();
    throw Failure(ExitCode::kFailed, fmt::format("cannot write into `{}`", path), error.message(),
                  "choose another folder with --out");
  }
}

OutputFolder::~OutputFolder() {
  remove_made();
}

void OutputFolder::remove_made() const {
  for (const auto& folder : made_) {
    std::error_code ignored;
    fs::remove(folder, ignored);  // only an empty one goes
  }
}

}  // namespace spokeshave
