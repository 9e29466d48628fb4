#pragma once

#include <cstdint>
#include <optional>

namespace spokeshave {

/// A member's time as a zip archive has it (APPNOTE 4.4.6).
struct DosTime {
  std::uint16_t time = 0;
  std::uint16_t date = 0x21;
};

/// Seconds since 1970, UTC, within what the format holds: 1980 to 2107.
DosTime to_dos_time(std::int64_t seconds);

/// SOURCE_DATE_EPOCH of the environment (reproducible-builds.org), or nothing. Throws Failure where
/// it is no number.
std::optional<std::int64_t> source_date_epoch();

}  // namespace spokeshave
