#pragma once

#include <cstdint>
#include <vector>

#include "wheel/index_archive.h"
#include "wheel/index_report.h"

namespace wheel {

/// Tells what is refused of the members' names, of folders, and of how well it all is packed.
void check_index_members(const std::vector<IndexMember>& members, std::uint64_t file_size,
                         IndexReport& report);

}  // namespace wheel
