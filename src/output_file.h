#pragma once

#include <cstdint>
#include <string>

namespace spokeshave {

/// A file that has no name until it is finished, so that a run that fails or is killed leaves
/// nothing behind: O_TMPFILE, and linkat when it is done. Where the file system knows no O_TMPFILE,
/// a hidden temporary file is used, which is removed on errors and on SIGINT, SIGTERM and SIGHUP;
/// only SIGKILL could leave that one.
class OutputFile {
 public:
  /// Opens a nameless file in `folder`, which must exist. Throws std::system_error.
  explicit OutputFile(const std::string& folder);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  int descriptor() const { return descriptor_; }

  /// Gives the finished file its name. Where a file of this name exists: std::system_error EEXIST,
  /// or, with `overwrite`, the new one takes its place at once. Not synced to the disk: like pip
  /// and cp, what is guarded against is a run that dies, not a machine that does.
  void publish(const std::string& path, bool overwrite);

 private:
  void name_it(const std::string& path) const;

  std::string folder_;
  std::string temporary_;  ///< the hidden file's path where O_TMPFILE is not to be had
  int descriptor_ = -1;
};

}  // namespace spokeshave
