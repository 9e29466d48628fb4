#pragma once

#include "src/patch_plan.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// Throws Failure (kFound) where METADATA, WHEEL or entry_points.txt, as the plan leaves them, have
/// a fault that the original's have not, and for which the new wheel would be refused
/// (wheel/text_flaws.h). Reads entry_points.txt from disk where the plan takes it from there.
void refuse_faulty_texts(const wheel::WheelFile& original, const PatchPlan& plan);

}  // namespace spokeshave
