#pragma once

#include <stdexcept>
#include <string>

namespace spokeshave {

/// How a run ends, for the shell.
enum class ExitCode : int {
  kDone = 0,
  kFound = 1,  ///< done, and something is wrong: a library missing, a split impossible, a hash that
               ///< does not match
  kUsage = 2,
  kFailed = 3,  ///< unreadable input or failed I/O
};

/// What stops a run: said to the user in three labelled lines.
class Failure : public std::runtime_error {
 public:
  /// `what`: what failed and on what. `cause`: why, with offset or member. `hint`: what to do. Each
  /// one line, no full stop.
  Failure(ExitCode code, const std::string& what, std::string cause, std::string hint)
      : std::runtime_error(what), code_(code), cause_(std::move(cause)), hint_(std::move(hint)) {}
  ExitCode code() const { return code_; }
  const std::string& cause() const { return cause_; }
  const std::string& hint() const { return hint_; }

 private:
  ExitCode code_;
  std::string cause_;
  std::string hint_;
};

/// `error: ...`, `  caused by: ...`, `hint: ...`, a line end after each. Control characters are
/// shown escaped, so that a name out of a hostile wheel cannot drive the terminal.
std::string to_text(const Failure& failure);

/// Text from outside made fit for a terminal: control characters, and bytes that are no UTF-8, as
/// \xNN.
std::string printable(const std::string& text);

}  // namespace spokeshave
