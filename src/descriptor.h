#pragma once

#include <string>
#include <string_view>

namespace spokeshave {

/// Throws std::system_error of errno.
[[noreturn]] void throw_errno(const std::string& what);

/// An open file, which is closed with this. Never 0, 1 or 2, even where this process was started
/// without them: dup2 onto itself would leave it closed in a child.
class Descriptor {
 public:
  explicit Descriptor(int number);
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { close(); }
  int get() const { return number_; }
  void close();

 private:
  int number_;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

/// A pipe that programs started from here do not inherit. Throws std::system_error.
Pipe make_pipe();

/// A file in memory that holds `text`: unlike a pipe it takes any amount before anybody reads.
/// Throws std::system_error.
Descriptor memory_file(std::string_view text);

/// Writes all of it. Throws std::system_error.
void write_all(int descriptor, std::string_view text, const std::string& what);

}  // namespace spokeshave
