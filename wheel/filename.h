#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wheel {

/// The parts of a wheel's file name, `{distribution}-{version}(-{build})?-{python tag}-{abi
/// tag}-{platform tag}.whl` (binary distribution format, "File name convention"), as they stand
/// there.
struct Filename {
  std::string distribution;
  std::string version;
  std::string build;  ///< empty where there is none; begins with a digit
  std::string python_tag;
  std::string abi_tag;
  std::string platform_tag;  ///< all of them, `.` between
};

/// Throws wheel::Error, naming the part, where `name` (no folder in front) does not parse.
Filename parse_filename(std::string_view name);
std::string to_string(const Filename& filename);

/// `Foo.Bar_baz` -> `foo-bar-baz` (PEP 503).
std::string normalise_name(std::string_view name);
/// `Foo.Bar-baz` -> `foo_bar_baz`: as the name stands in file names and folder names.
std::string escape_name(std::string_view name);

/// The platform tags that stand for Linux: linux_*, manylinux*, musllinux*; `any` is none.
bool is_linux_platform(std::string_view platform_tag);

}  // namespace wheel
