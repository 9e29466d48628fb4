#include "src/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "src/dist_info.h"
#include "src/failure.h"
#include "wheel/filename.h"

namespace spokeshave {

namespace {

/// PEP 508: letters, digits and `-_.` between them.
bool is_name(const std::string& name) {
  const auto is_alnum = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter));
  };
  return !name.empty() && is_alnum(name.front()) && is_alnum(name.back()) &&
         std::all_of(name.begin(), name.end(), [&](char letter) {
           return is_alnum(letter) || letter == '-' || letter == '_' || letter == '.';
         });
}

std::string without_package(const std::string& path) {
  const auto slash = path.find('/');
  if (slash == std::string::npos || path.substr(0, slash).ends_with(".libs")) {
    return path;
  }
  return path.substr(slash + 1);
}

}  // namespace

std::string companion_name(const WheelOutline& outline, const SplitRequest& request,
                           std::size_t part) {
  const std::string base = request.companion.value_or(outline.name + "-libs");
  return part == 1 ? base : fmt::format("{}-{}", base, part);
}

void check_companion_name(const WheelOutline& outline, const SplitRequest& request,
                          std::size_t parts) {
  for (std::size_t part = 1; part < parts; ++part) {
    const std::string name = companion_name(outline, request, part);
    const std::string folder = wheel::escape_name(name);
    if (!is_name(name)) {
      throw Failure(ExitCode::kUsage, fmt::format("`{}` cannot name a wheel", name),
                    "a name has letters and digits, and `-`, `_` or `.` between them (PEP 508)",
                    "choose another with --companion");
    }
    const bool folder_taken = std::any_of(
        outline.members.begin(), outline.members.end(), [&](const OutlineMember& member) {
          return member.installed_path == folder || member.installed_path.starts_with(folder + "/");
        });
    const std::string normal = wheel::normalise_name(name);
    const bool required = std::find(outline.requirements.begin(), outline.requirements.end(),
                                    normal) != outline.requirements.end();
    if (folder_taken || required || normal == wheel::normalise_name(outline.name)) {
      throw Failure(ExitCode::kUsage, fmt::format("the companion cannot be called `{}`", name),
                    folder_taken ? fmt::format("the wheel has a `{}` of its own", folder)
                    : required   ? "the wheel requires another wheel of this name"
                                 : "that is the name of the wheel itself",
                    "choose another with --companion");
    }
  }
}

std::vector<PlannedWheel> name_wheels(const WheelOutline& outline, const SplitRequest& request,
                                      std::size_t parts) {
  std::vector<PlannedWheel> wheels;
  PlannedWheel main;
  main.name = outline.name;
  main.filename = new_filename(outline.filename, request.version);
  wheels.push_back(main);
  for (std::size_t part = 1; part < parts; ++part) {
    PlannedWheel companion;
    companion.name = companion_name(outline, request, part);
    companion.package = wheel::escape_name(companion.name);
    companion.filename = {companion.package,
                          request.version,
                          outline.filename.build,
                          "py3",
                          "none",
                          outline.filename.platform_tag};
    wheels.push_back(companion);
  }
  for (auto& wheel : wheels) {
    wheel.requirement = fmt::format("{}=={}", wheel.name, request.version);
  }
  return wheels;
}

std::vector<std::string> places_in_companion(const std::vector<Library>& libraries,
                                             const std::vector<Mobility>& mobility) {
  std::vector<std::string> places;
  std::set<std::string> taken;
  bool meet = false;
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    places.push_back(without_package(libraries[i].installed_path));
    if (mobility[i].place != Place::kMain) {
      meet |= !taken.insert(places.back()).second;
    }
  }
  if (meet) {
    for (std::size_t i = 0; i < libraries.size(); ++i) {
      places[i] = libraries[i].installed_path;
    }
  }
  return places;
}

}  // namespace spokeshave
