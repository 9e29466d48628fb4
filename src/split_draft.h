#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/member_stage.h"
#include "src/split_plan.h"
#include "src/wheel_drafter.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// The drafts of all wheels of a plan, [0] is the main wheel. `wheel` and `stage` must outlive
/// them. Folder entries are left out, .dist-info comes last, RECORD very last. `epoch`: as
/// WheelDrafter has it.
std::vector<WheelDraft> draft_wheels(const wheel::WheelFile& wheel, const Inventory& inventory,
                                     const SplitPlan& plan, const Stage& stage,
                                     std::optional<std::int64_t> epoch);

}  // namespace spokeshave
