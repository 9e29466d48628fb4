#include "src/file_mode.h"

#include <fmt/format.h>

#include <charconv>

namespace spokeshave {

std::optional<std::uint32_t> parse_mode(const std::string& text) {
  constexpr std::uint32_t kOwnerRead = 0400;
  std::uint32_t mode = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, mode, 8);
  return error == std::errc() && stop == end && mode <= 0777 && (mode & kOwnerRead) != 0
             ? std::optional(mode)
             : std::nullopt;
}

std::string mode_text(std::uint32_t mode) {
  return fmt::format("{:03o}", mode);
}

}  // namespace spokeshave
