#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wheel/filename.h"

namespace wheel {

// Checks of what a user asks a wheel's file name to say (binary distribution format, "File name
// convention"; PEP 425). Each throws wheel::Error, naming the tag, where it can't be that. Stricter
// than parse_filename, which reads what others wrote: lower case only, nothing twice.

/// `py3`, `cp311`, `py2.py3`: each begins with a letter.
void check_python_tag(std::string_view tags);
/// `none`, `abi3`, `cp311`.
void check_abi_tag(std::string_view tags);
/// `any` or platforms of Linux (PEP 600, 656): `manylinux2014_x86_64.manylinux_2_17_x86_64`.
void check_platform_tag(std::string_view tags);
/// `1`, `2_local`: begins with a digit; letters, digits, `_` and `.`.
void check_build(std::string_view build);

/// The tags of a file name one by one, as the Tag lines of WHEEL have them: `py2.py3-none-any` ->
/// `py2-none-any`, `py3-none-any`.
std::vector<std::string> expanded_tags(const Filename& filename);

}  // namespace wheel
