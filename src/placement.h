#pragma once

#include <string>
#include <vector>

#include "src/split_plan.h"

namespace spokeshave {

/// The name of companion number `part` (1, 2, ...): what the user said, or the main wheel's with
/// `-libs`; `-2`, `-3` behind the later ones.
std::string companion_name(const WheelOutline& outline, const SplitRequest& request,
                           std::size_t part);

/// Throws Failure where the companions' name is no name, is the main wheel's own, or their folder
/// exists in the main wheel.
void check_companion_name(const WheelOutline& outline, const SplitRequest& request,
                          std::size_t parts);

/// The wheels of a plan with `parts` parts: names, file names, requirements; weights are not filled
/// in.
std::vector<PlannedWheel> name_wheels(const WheelOutline& outline, const SplitRequest& request,
                                      std::size_t parts);

/// Where a library goes inside a companion's folder: `torch/lib/libc10.so` -> `lib/libc10.so`; a
/// folder in the manner of auditwheel, `torch.libs/x.so`, stays whole; so do all, when two
/// libraries would meet in one place. One string for each library, no slash in front.
std::vector<std::string> places_in_companion(const std::vector<Library>& libraries,
                                             const std::vector<Mobility>& mobility);

}  // namespace spokeshave
