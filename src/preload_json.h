#pragma once

#include <optional>
#include <string>

#include "src/inspection.h"
#include "src/preload_plan.h"

namespace spokeshave {

/// The JSON document of `preload`, as docs/preload.schema.json says. `written`: the object that
/// patched_wheel_json() made of the main wheel; none where nothing was to be written, or could not.
std::string preload_json(const Inspection& inspection, const PreloadPlan& plan,
                         const std::optional<std::string>& written);

}  // namespace spokeshave
