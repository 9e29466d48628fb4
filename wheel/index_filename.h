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

/// A version in the form in which equal ones are the same text (PEP 440: 1.0 and 1.0.0 are equal);
/// nothing where it is none. `_` stands for `-`, as in file names.
std::optional<std::string> comparable_version(std::string_view version);

}  // namespace wheel
