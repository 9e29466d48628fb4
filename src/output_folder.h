#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace spokeshave {

/// The innermost folder on the way to `path` that exists: where the work is done, so that a run
/// that is killed has made no folder. Throws Failure where a file stands in the way.
std::string existing_folder(const std::string& path);

/// The folder for the outputs, made where it does not exist; a run that fails takes away what it
/// made.
class OutputFolder {
 public:
  /// Throws Failure where it cannot be made.
  explicit OutputFolder(const std::string& path);
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder();

  /// The run has succeeded: the folder stays.
  void keep() { made_.clear(); }

 private:
  void remove_made() const;

  std::vector<std::filesystem::path> made_;  ///< the innermost first
};

}  // namespace spokeshave
