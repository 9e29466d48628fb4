#pragma once

#include <optional>
#include <set>
#include <string>

#include "src/wheel_outline.h"

// Which package's `__init__.py` gets the preload block: what `split` and `preload` share.
namespace spokeshave {

/// The installed paths of the wheel's `__init__.py` files.
std::set<std::string> package_inits(const WheelOutline& outline);

/// The `__init__.py` of the outermost package on the way to `path`. Nothing where there is none.
std::optional<std::string> init_on_the_way(const std::set<std::string>& inits,
                                           const std::string& path);

/// The `__init__.py` of the package that --package names, its parts with `.` between them. Throws
/// Failure (kUsage) where the wheel has none.
std::string init_of_package(const WheelOutline& outline, const std::string& package);

/// `nstoy/render/__init__.py` -> `nstoy.render`.
std::string package_of(const std::string& init_path);

}  // namespace spokeshave
