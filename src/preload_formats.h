#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/preload_block.h"
#include "wheel/wheel_file.h"

// The preload block for those who cannot change the wheel.
namespace spokeshave {

/// A Python module that, as `sitecustomize.py` on sys.path, loads the libraries when `package` is
/// imported, and nothing before. It finds them as the block does (src/preload_block.h), and says
/// the same where one is missing. Several may stand in one file. Ends with a line end; ASCII.
std::string preload_sitecustomize(const std::vector<PreloadLibrary>& libraries,
                                  std::string_view package);

/// A unified diff, for `patch -p1`, that puts the block into the module at the installed path
/// `init_path`, and its new hash and size into RECORD; for the `patches` of rules_python's
/// `pip.override`. Lines in front say so. Its names are those inside the wheel. Throws Failure
/// (kFound) where there is no such module, the block has no place in it, or it has this block
/// already; wheel::Error where a member can't be read.
std::string preload_diff(const wheel::WheelFile& wheel, std::string_view init_path,
                         std::string_view block);

}  // namespace spokeshave
