#include "src/preload_package.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/failure.h"
#include "src/glob.h"
#include "src/nearest.h"

namespace spokeshave {

std::set<std::string> package_inits(const WheelOutline& outline) {
  std::set<std::string> inits;
  for (const auto& member : outline.members) {
    if (file_name(member.installed_path) == "__init__.py") {
      inits.insert(member.installed_path);
    }
  }
  return inits;
}

std::optional<std::string> init_on_the_way(const std::set<std::string>& inits,
                                           const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    std::string init = path.substr(0, slash) + "/__init__.py";
    if (inits.contains(init)) {
      return init;
    }
  }
  return std::nullopt;
}

std::string init_of_package(const WheelOutline& outline, const std::string& package) {
  std::vector<std::string> packages;
  for (const auto& init : package_inits(outline)) {
    if (package_of(init) == package) {
      return init;
    }
    packages.push_back(package_of(init));
  }
  throw Failure(ExitCode::kUsage, fmt::format("--package `{}` is no package of the wheel", package),
                "the wheel has none of this name with an `__init__.py`",
                did_you_mean(package, packages,
                             "name a package with an `__init__.py`, its parts with `.` between"));
}

std::string package_of(const std::string& init_path) {
  std::string package(folder_of(init_path));
  std::replace(package.begin(), package.end(), '/', '.');
  return package;
}

}  // namespace spokeshave
