#pragma once

#include <string>

#include "src/inspection.h"

namespace spokeshave {

/// The JSON document of `inspect --json`, as docs/json.md describes it. `symbols`, where not empty,
/// is the text of a JSON value that becomes its member of that name.
std::string inspection_json(const Inspection& inspection, const std::string& symbols = {});

}  // namespace spokeshave
