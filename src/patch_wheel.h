#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/options.h"
#include "src/output_file.h"

namespace spokeshave {

/// A wheel that is patched and proved, and has no name yet.
struct PreparedWheel {
  std::optional<OutputFile> output;  ///< none: this is a dry run
  std::string path;                  ///< that it is to get
  std::string written_text;          ///< what to say when it has got it
  std::string json;                  ///< the object for the JSON document
};

/// Where a new wheel of this file name goes, made of the one at `wheel`. Throws Failure where a
/// file of that name is there, unless --force.
std::string free_output(const std::string& wheel, const std::string& name,
                        const PatchOptions& options);

/// Patches one wheel: decides, tells what changes, writes a nameless file, and proves it. `request`
/// is the command line's, or the recipe's. Throws Failure; then nothing was written.
PreparedWheel prepare_wheel(const std::string& path, const PatchRequest& request,
                            const PatchOptions& options);

/// Gives the wheels their names, all or none, and tells where they are.
void publish_wheels(std::vector<PreparedWheel>& wheels, const PatchOptions& options);

}  // namespace spokeshave
