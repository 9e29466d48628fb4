#pragma once

#include <string>

#include "src/verification.h"

namespace spokeshave {

/// The whole as one JSON document, `"schema": 1` (docs/verify.schema.json).
std::string verify_json(const Verification& verification);

}  // namespace spokeshave
