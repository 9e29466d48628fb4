#pragma once

#include <cstdint>
#include <string>

#include "src/progress.h"
#include "wheel/member_stream.h"
#include "wheel/wheel_file.h"

// Members held against their rows of RECORD, so that what was tampered with is not laundered.
namespace spokeshave {

/// Makes the stream compare the member with its row of RECORD. RECORD itself and its signatures
/// have none with a hash, and where a wheel's flaws are told one by one others may have none
/// either.
void expect_hash_of_record(wheel::MemberStream& stream, const wheel::WheelFile& wheel,
                           const wheel::Member& member);

inline constexpr std::uint64_t kMostTextBytes = 64u << 20;

/// The whole of a small member. Throws wheel::Error where it does not match its CRC or RECORD, or
/// is larger than a text may be.
std::string checked_text(const wheel::WheelFile& wheel, const wheel::Member& member);

/// Decodes every member, on `jobs` threads. Throws wheel::Error for the first that does not match.
void check_members(const wheel::WheelFile& wheel, unsigned jobs, Progress& progress);

}  // namespace spokeshave
