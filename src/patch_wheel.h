#pragma once

#include <string>

#include "src/options.h"

namespace spokeshave {

/// Patches one wheel: decides, writes a nameless file, proves it, and gives it its name. `request`
/// is the command line's, or the recipe's. Returns the object for the JSON document. Throws
/// Failure; then nothing was written.
std::string patch_wheel(const std::string& path, const PatchRequest& request,
                        const PatchOptions& options);

}  // namespace spokeshave
