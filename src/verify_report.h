#pragma once

#include <string>

#include "src/style.h"
#include "src/verification.h"

namespace spokeshave {

/// The findings, a line each, and the notes where they are wanted. Empty where there are none.
std::string verify_findings(const Verification& verification, bool with_notes, const Style& style);

/// All that `verify` tells a person: findings and notes, what differs from the original, what was
/// looked at, and what to do.
std::string verify_text(const Verification& verification, const Style& style);

}  // namespace spokeshave
