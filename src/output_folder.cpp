#include "src/output_folder.h"

#include <fmt/format.h>

#include "src/failure.h"

namespace spokeshave {

namespace fs = std::filesystem;

namespace {

Failure cannot_write_into(const std::string& path, const std::error_code& why) {
  return {ExitCode::kFailed, fmt::format("cannot write into `{}`", path), why.message(),
          "choose another folder with --out"};
}

}  // namespace

std::string existing_folder(const std::string& path) {
  fs::path folder = fs::absolute(path).lexically_normal();
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder != folder.parent_path()) {
    folder = folder.parent_path();
  }
  if (!fs::is_directory(folder, ignored)) {
    throw cannot_write_into(path, std::make_error_code(std::errc::not_a_directory));
  }
  return folder.string();
}

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
    throw cannot_write_into(path, error);
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
