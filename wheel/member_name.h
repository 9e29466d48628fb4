#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "wheel/archive.h"

namespace wheel {

/// Throws wheel::Error where a member's name is none that every reader understands alike: not
/// UTF-8, empty, absolute, with `.` or `..` or an empty part, a backslash, a drive letter, a
/// control character, or longer than a file system takes.
void check_member_name(std::string_view name);

/// The order in which what lies in a folder follows the folder's name directly.
bool is_name_before(std::string_view a, std::string_view b);

/// The members' numbers, ordered by name. Throws wheel::Error where a name stands twice, or is a
/// file's and a folder's at once.
std::vector<std::uint32_t> order_by_name(const std::vector<Member>& members);

}  // namespace wheel
