#pragma once

#include <string>
#include <vector>

#include "src/split_plan.h"
#include "wheel/wheel_file.h"

// The texts of .dist-info that a split writes anew.
namespace spokeshave {

/// METADATA of the main wheel: the new version, and a pinned requirement for each companion; all
/// else byte for byte.
std::string main_metadata(const wheel::WheelFile& original, const std::string& version,
                          const std::vector<std::string>& requirements);

/// METADATA of a companion: name, version, a summary, and what the original says of its licence and
/// who made it. No requirement: one on the main wheel would make the circle that Bazel refuses.
std::string companion_metadata(const wheel::WheelFile& original, const PlannedWheel& companion);

/// WHEEL of a companion: installed into the same folder as the main wheel (Root-Is-Purelib as
/// there), tags as its file name says.
std::string companion_wheel_text(const wheel::WheelFile& original, const PlannedWheel& companion);

/// `torch-2.1.2.dist-info` -> `torch-2.1.2+split.1.dist-info`; `.data` folders as well.
std::string renamed_folder(const std::string& folder, const std::string& version);

}  // namespace spokeshave
