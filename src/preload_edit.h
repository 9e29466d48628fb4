#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/patch_plan.h"
#include "src/patch_request.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// Which of `paths`, of members, is installed as `init_path`. Throws Failure (kFound) where none
/// is.
std::string preload_module(const wheel::WheelFile& wheel, std::string_view init_path,
                           const std::vector<std::string>& paths);

/// with_preload_block() of src/preload_block.h, whose Failure becomes one (kFound) that names the
/// module.
std::string with_preload_block_in(const std::string& path, std::string_view text,
                                  std::string_view block);

/// Puts the block of `request.preload` into its module, and takes, for `request.remove_preload`,
/// the block out of every `*.py` that has one, whatever a diff has made of these before. `members`:
/// the plan's, by their paths in the original; those in `removed` are left alone, and so is what
/// comes from disk. Throws Failure (kFound) where there is no such module, where no module has a
/// block, or where a module has no place for one.
void edit_preload_blocks(const wheel::WheelFile& wheel, const PatchRequest& request,
                         const std::set<std::string>& removed,
                         std::map<std::string, PatchedMember>& members);

}  // namespace spokeshave
