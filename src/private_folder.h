#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spokeshave {

/// A folder of our own for a program to work in, which nobody else may enter. It goes, with all
/// that is in it, when this goes, and on SIGINT, SIGTERM and SIGHUP; only SIGKILL could leave it.
class PrivateFolder {
 public:
  /// Makes it in the folder `parent`. Throws std::system_error.
  explicit PrivateFolder(const std::string& parent);
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();

  const std::string& path() const { return path_; }

  /// Makes a file in it, or replaces one. Throws std::system_error.
  void write(const std::string& name, std::string_view content) const;
  /// Nothing where no plain file of that name stands there. Throws std::system_error.
  std::optional<std::string> read(const std::string& name) const;
  /// What stands in it, ascending.
  std::vector<std::string> names() const;
  void clear() const;

 private:
  std::string path_;
};

}  // namespace spokeshave
