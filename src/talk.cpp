#include "src/talk.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace spokeshave {

bool wants_progress(const TalkOptions& talk) {
  return !talk.quiet && isatty(STDERR_FILENO) == 1;
}

Style output_style(const TalkOptions& talk) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool automatic = isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
  return Style(talk.color == Color::kAlways || (talk.color == Color::kAuto && automatic));
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw std::system_error(errno, std::generic_category(), "stdout");
  }
}

}  // namespace spokeshave
