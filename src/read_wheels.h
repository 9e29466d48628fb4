#pragma once

#include <string>
#include <vector>

#include "src/inspection.h"
#include "src/progress.h"
#include "src/wheel_outline.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// Wheels that are looked at together, open, and what is in them: the three lists in one order.
struct ReadWheels {
  std::vector<wheel::WheelFile> files;
  std::vector<WheelOutline> outlines;
  std::vector<InspectedWheel> wheels;
};

/// Reads the wheels at `paths`, in that order, on `jobs` threads. Throws Failure where one cannot
/// be read or has a damaged member, where two are of one distribution (`way_out`: what to do then),
/// and where one of them lies at `output`, the file that is to be written; empty: none.
ReadWheels read_wheels(const std::vector<std::string>& paths, const std::string& output,
                       const char* way_out, unsigned jobs, Progress& progress);

}  // namespace spokeshave
