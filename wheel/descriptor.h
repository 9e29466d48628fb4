#pragma once

#include <string>

namespace wheel {

/// An open archive, which is closed when the object goes.
class Descriptor {
 public:
  /// `number`: what open() or dup() gave. Throws std::system_error where it failed, wheel::Error
  /// where it is no regular file.
  explicit Descriptor(int number);
  /// Opens the file to read. Waits for nobody: a pipe is refused as what it is.
  explicit Descriptor(const std::string& path);
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace wheel
