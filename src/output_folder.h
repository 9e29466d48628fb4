#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace spokeshave {

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
