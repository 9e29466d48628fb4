#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wheel/filename.h"
#include "wheel/index_report.h"

namespace wheel {

/// Tells what is refused of the file name, and gives its parts where it has them.
std::optional<Filename> check_index_filename(const std::string& file_name, IndexReport& report);

/// Tells what PyPI does not publish, though any other index may serve it: local versions, platforms
/// other than those that it knows what they promise, files over its limits. `file_size` in bytes.
void check_publication(const Filename& filename, std::uint64_t file_size, IndexReport& report);

}  // namespace wheel
