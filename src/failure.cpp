#include "src/failure.h"

#include <fmt/format.h>

namespace spokeshave {

std::string printable(const std::string& text) {
  std::string shown;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (code < 0x20 || code == 0x7f) {
      shown += fmt::format("\\x{:02x}", code);
    } else {
      shown += letter;
    }
  }
  return shown;
}

std::string to_text(const Failure& failure) {
  std::string text = fmt::format("error: {}\n", printable(failure.what()));
  if (!failure.cause().empty()) {
    text += fmt::format("  caused by: {}\n", printable(failure.cause()));
  }
  if (!failure.hint().empty()) {
    text += fmt::format("hint: {}\n", printable(failure.hint()));
  }
  return text;
}

}  // namespace spokeshave
