#include "src/talk.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "src/failure.h"

namespace spokeshave {

bool wants_progress(const TalkOptions& talk) {
  return !talk.quiet && isatty(STDERR_FILENO) == 1;
}

Style output_style(const TalkOptions& talk) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool automatic = isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
  return Style(talk.color == Color::kAlways || (talk.color == Color::kAuto && automatic));
}

void tell_more(const TalkOptions& talk, const std::vector<std::string>& lines) {
  for (const auto& line : lines) {
    if (talk.verbose) {
      std::fputs((line + '\n').c_str(), stderr);
    }
  }
}

void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if ((written && std::fflush(stdout) == 0) || errno == EPIPE) {
    return;
  }
  throw Failure(ExitCode::kFailed, "cannot write to the standard output",
                std::generic_category().message(errno),
                "make room there; wheels that have got their names are complete");
}

}  // namespace spokeshave
