#pragma once

#include <set>
#include <string>

#include "wheel/wheel_file.h"

// Where members that are new to a wheel may lie, by their paths in the original.
namespace spokeshave {

/// Throws Failure with ExitCode::kUsage for a path that no member may have, or that lies in the
/// .dist-info or .data folder of another wheel or version, or where installers know no place for
/// it, or is that of a signature of RECORD.
void check_new_path(const wheel::WheelFile& wheel, const std::string& path);

/// Throws Failure with ExitCode::kUsage where a file would stand where another one's folder is, or
/// two files would be installed to one place.
void refuse_clashes(const wheel::WheelFile& wheel, const std::set<std::string>& paths);

}  // namespace spokeshave
