#include "src/open_wheel.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace spokeshave {

Failure unreadable(const std::string& path, const wheel::Error& error) {
  const std::string what = error.member().empty()
                               ? fmt::format("cannot read `{}`", path)
                               : fmt::format("cannot read `{}` in `{}`", error.member(), path);
  return {
      ExitCode::kFailed, what, error.what(),
      "it is damaged, changed by hand, or no Linux wheel; get it again from where it came from"};
}

wheel::WheelFile open_wheel(const std::string& path) {
  if (struct stat status{}; stat(path.c_str(), &status) != 0) {
    throw Failure(ExitCode::kFailed, fmt::format("cannot read `{}`", path),
                  std::generic_category().message(errno), "check the path");
  }
  try {
    return wheel::open_wheel(path);
  } catch (const wheel::Error& error) {
    throw unreadable(path, error);
  } catch (const std::system_error& error) {
    throw Failure(ExitCode::kFailed, fmt::format("cannot read `{}`", path), error.code().message(),
                  "check the path, and that you may read the file");
  }
}

}  // namespace spokeshave
