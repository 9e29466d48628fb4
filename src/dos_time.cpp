#include "src/dos_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "src/failure.h"

namespace spokeshave {

DosTime to_dos_time(std::int64_t seconds) {
  constexpr std::int64_t kFirst = 315532800;  // 1980-01-01T00:00:00Z
  constexpr std::int64_t kLast = 4354819198;  // 2107-12-31T23:59:58Z
  const std::time_t time = std::clamp(seconds, kFirst, kLast);
  std::tm parts{};
  gmtime_r(&time, &parts);
  DosTime dos;
  dos.time = static_cast<std::uint16_t>(parts.tm_hour << 11 | parts.tm_min << 5 | parts.tm_sec / 2);
  dos.date = static_cast<std::uint16_t>((parts.tm_year - 80) << 9 | (parts.tm_mon + 1) << 5 |
                                        parts.tm_mday);
  return dos;
}

std::optional<std::int64_t> source_date_epoch() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (text == nullptr || *text == '\0') {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, seconds);
  if (error != std::errc() || stop != end) {
    throw Failure(ExitCode::kUsage, fmt::format("SOURCE_DATE_EPOCH is `{}`", text),
                  "it must be a whole number of seconds since 1970",
                  "unset it, or set it to such a number");
  }
  return seconds;
}

}  // namespace spokeshave
