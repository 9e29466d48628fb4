#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "src/inspection.h"
#include "src/preload_model.h"
#include "src/preload_needs.h"
#include "src/preload_plan.h"

// What plan_preload() has to say beside the list itself. Pure.
namespace spokeshave {

std::vector<PreloadCircle> describe_circles(const Inspection& inspection,
                                            const std::vector<NeedCircle>& circles);

/// The names that `reached` needs and that nothing brings, ascending, each with the requirement
/// that should.
std::vector<PreloadMissing> find_lacking(const Inspection& inspection,
                                         const std::set<std::size_t>& reached);

/// Adds to `plan.missing` what the list cannot help, and why; what is the fault of a circle is not
/// said again, and what one folder does not help either is a note.
void find_still_missing(const Inspection& inspection, const std::vector<StillMissing>& still,
                        const std::vector<NeedCircle>& circles, PreloadPlan& plan);

/// What nothing that is loaded beforehand helps, and what else the user should know.
void note_limits(const Inspection& inspection, const PreloadOrder& loader,
                 const PreloadNeeds& needs, const std::vector<std::size_t>& order,
                 std::vector<std::string>& notes);

}  // namespace spokeshave
