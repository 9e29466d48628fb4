#pragma once

#include <string>
#include <string_view>

namespace spokeshave {

/// Whether a member is a licence file that .dist-info carries: LICENSE*, LICENCE*, NOTICE*,
/// COPYING*, AUTHORS* in it, and all of its licenses/ and license_files/ (PEP 639, and what
/// setuptools gathers by default).
bool is_licence_file(const std::string& dist_info, std::string_view member);

}  // namespace spokeshave
