#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/need_graph.h"
#include "src/split_plan.h"

namespace spokeshave {

/// Folders, by library, that its search path must name although its own needs do not ask for it:
/// found out by the loader model.
using ExtraFolders = std::map<std::size_t, std::set<std::string>>;

/// Decides what must change in each library of the plan, whose parts and paths are known: its
/// search path where a library that it needs now lies in another direction, its SONAME where it
/// moved, or is needed by what moved, and those who need it call it otherwise. Fills in `edits` and
/// `why`.
void plan_edits(SplitPlan& plan, const Inventory& inventory, const NeedGraph& graph,
                const SplitRequest& request, const ExtraFolders& extra);

/// Whether a library would have to be rewritten if it moved from one folder to another and all that
/// it needs came along.
bool is_rewritten_when_moved(const Library& library, const std::optional<std::string>& asked_name,
                             const std::string& new_folder, bool keep_outside_entries);

/// Whether the search path that `edits` sets will be an RPATH, not a RUNPATH (elf::PathKind).
bool sets_rpath(const elf::Image& image, const elf::Edits& edits);

/// An entry of a search path, turned so that it leads from `new_folder` to where it led from
/// `old_folder`; entries without $ORIGIN, and those with other tokens, stay as they are. Folders
/// are relative to site-packages.
std::string rebase_entry(const std::string& entry, const std::string& old_folder,
                         const std::string& new_folder);

}  // namespace spokeshave
