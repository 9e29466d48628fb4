#include "src/open_wheel.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <map>
#include <system_error>

#include "wheel/filename.h"

namespace spokeshave {

Failure unreadable(const std::string& path, const wheel::Error& error) {
  const std::string what = error.member().empty()
                               ? fmt::format("cannot read `{}`", path)
                               : fmt::format("cannot read `{}` in `{}`", error.member(), path);
  return {
      ExitCode::kFailed, what, error.what(),
      "it is damaged, changed by hand, or no Linux wheel; get it again from where it came from"};
}

Failure unreadable(const std::string& path, const std::system_error& error) {
  return {ExitCode::kFailed, fmt::format("cannot read `{}`", path), error.code().message(),
          "check the path, and that you may read the file"};
}

void check_is_there(const std::string& path) {
  if (struct stat status{}; stat(path.c_str(), &status) != 0) {
    throw Failure(ExitCode::kFailed, fmt::format("cannot read `{}`", path),
                  std::generic_category().message(errno), "check the path");
  }
}

wheel::WheelFile open_wheel(const std::string& path) {
  check_is_there(path);
  try {
    return wheel::open_wheel(path);
  } catch (const wheel::Error& error) {
    throw unreadable(path, error);
  } catch (const std::system_error& error) {
    throw unreadable(path, error);
  }
}

void refuse_same_distribution(const std::vector<std::string>& paths,
                              const std::vector<std::string>& names, const char* hint) {
  std::map<std::string, std::string> seen;  // name of the distribution -> path of the wheel
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto [other, is_new] = seen.emplace(wheel::normalise_name(names[i]), paths[i]);
    if (!is_new) {
      throw Failure(
          ExitCode::kUsage,
          fmt::format("`{}` and `{}` cannot be installed together", other->second, paths[i]),
          "they are wheels of one distribution: each replaces the other", hint);
    }
  }
}

}  // namespace spokeshave
