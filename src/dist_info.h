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

/// The file name of a new version of `original`, with the distribution's name in its normal form,
/// as indexes want it: PyPI takes no other.
wheel::Filename new_filename(const wheel::Filename& original, const std::string& version);

/// What a member of the original is called in a wheel of this file name: `.dist-info` and `.data`
/// folders follow it, `torch-2.1.2.dist-info/X` -> `torch-2.1.2+split.1.dist-info/X`.
std::string renamed_member(const wheel::WheelFile& original, const std::string& member,
                           const wheel::Filename& filename);
/// The wheel's .data folder, or, where it has none, how it would be called.
std::string data_folder(const wheel::WheelFile& wheel);
/// `torch-2.1.2+split.1.dist-info`
std::string dist_info_folder(const wheel::Filename& filename);

}  // namespace spokeshave
