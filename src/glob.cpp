#include "src/glob.h"

#include <fnmatch.h>

namespace spokeshave {

bool glob_matches(const std::string& glob, const std::string& path) {
  const bool whole = glob.find('/') != std::string::npos;
  const std::string subject = whole ? path : std::string(file_name(path));
  return fnmatch(glob.c_str(), subject.c_str(), 0) == 0;
}

std::string_view file_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace spokeshave
