#include "src/preload_package.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/failure.h"
#include "src/glob.h"

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
  std::string path = package;
  std::replace(path.begin(), path.end(), '.', '/');
  path += "/__init__.py";
  if (!outline.has(path)) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("--package `{}` is no package of the wheel", package),
                  fmt::format("the wheel has no `{}`", path),
                  "name a package with an `__init__.py`, its parts with `.` between them");
  }
  return path;
}

std::string package_of(const std::string& init_path) {
  std::string package(folder_of(init_path));
  std::replace(package.begin(), package.end(), '/', '.');
  return package;
}

}  // namespace spokeshave
