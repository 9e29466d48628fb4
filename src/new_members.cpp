#include "src/new_members.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "src/dist_info.h"
#include "src/failure.h"
#include "src/wheel_drafter.h"
#include "wheel/error.h"
#include "wheel/member_name.h"
#include "wheel/wheel_folders.h"

namespace spokeshave {

namespace {

constexpr std::string_view kDistInfo = ".dist-info";
constexpr std::string_view kData = ".data";

Failure no_path(const std::string& path, const std::string& cause, const std::string& hint) {
  return {ExitCode::kUsage, fmt::format("`{}` cannot be the path of a member", path), cause, hint};
}

}  // namespace

void check_new_path(const wheel::WheelFile& wheel, const std::string& path) {
  try {
    wheel::check_member_name(path);
  } catch (const wheel::Error& error) {
    throw no_path(path, error.what(),
                  "paths inside a wheel are relative, with `/` between folders");
  }
  if (path.ends_with('/')) {
    throw no_path(path, "it ends with `/`", "name the file as well");
  }
  const std::string folder = path.substr(0, path.find('/'));
  const bool is_foreign = (folder.ends_with(kDistInfo) && folder != wheel.dist_info) ||
                          (folder.ends_with(kData) && folder != data_folder(wheel));
  if (is_foreign && folder != path) {
    throw no_path(path, "it lies in a folder of another wheel or version",
                  fmt::format("this one's are `{}` and `{}`; a new version follows by itself",
                              wheel.dist_info, data_folder(wheel)));
  }
  if (wheel::lies_in(path, data_folder(wheel)) &&
      !wheel::has_known_scheme(path, data_folder(wheel))) {
    throw no_path(path, "installers know no such folder in .data",
                  "they know purelib, platlib, headers, scripts and data");
  }
  const std::string scripts = data_folder(wheel) + "/scripts/";
  if (path.starts_with(scripts) && path.find('/', scripts.size()) != std::string::npos) {
    throw no_path(path, "it lies in a folder in .data/scripts, where uv takes only files",
                  fmt::format("put it right into `{}`", scripts));
  }
  if (is_record_signature(wheel, path)) {
    throw no_path(path, "it signs RECORD, which is not written yet", "sign the new wheel");
  }
}

void refuse_clashes(const wheel::WheelFile& wheel, const std::set<std::string>& paths) {
  std::map<std::string, std::string> places;  // what two members of the original do stays so
  for (const auto& path : paths) {
    const auto [place, is_first] = places.emplace(wheel::installed_path(wheel, path), path);
    const auto is_old = [&](const std::string& name) {
      return wheel.archive.find(name) != nullptr;
    };
    if (!is_first && (!is_old(path) || !is_old(place->second))) {
      throw no_path(path, fmt::format("it would be installed over `{}`", place->second),
                    "give one of them another path");
    }
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
      const std::string folder = path.substr(0, at);
      if (paths.contains(folder)) {
        throw no_path(folder, fmt::format("it is the folder of `{}`", path),
                      "give one of them another path");
      }
    }
  }
}

}  // namespace spokeshave
