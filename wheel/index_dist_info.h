#pragma once

#include <vector>

#include "wheel/filename.h"
#include "wheel/index_archive.h"
#include "wheel/index_report.h"

namespace wheel {

/// Reads METADATA, WHEEL, RECORD and entry_points.txt, and tells what is refused of them, of the
/// folder that they lie in, and of .data. `descriptor` is the open archive.
void check_index_dist_info(int descriptor, const std::vector<IndexMember>& members,
                           const Filename& filename, IndexReport& report);

}  // namespace wheel
