#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "elf/edits.h"
#include "src/inventory.h"
#include "src/loading_check.h"
#include "src/mobility.h"
#include "src/need_graph.h"
#include "src/partition.h"
#include "src/preload_block.h"
#include "src/wheel_outline.h"

namespace spokeshave {

/// What the user wants of a split.
struct SplitRequest {
  Limit limit;                    ///< bytes
  std::vector<std::string> move;  ///< GLOBs
  std::vector<std::string> keep;  ///< GLOBs
  std::optional<std::string>
      companion;  ///< the companion's name; more of them get `-2`, `-3` behind it
  std::optional<std::string> runpath;  ///< for every moved library, in place of the computed path
  std::optional<std::string> package;  ///< the package whose `__init__.py` gets the preload block
  std::string version;                 ///< of all the new wheels, PEP 440
};

/// One library of the wheel, as it will be.
struct PlannedLibrary {
  std::size_t part = 0;          ///< 0: the main wheel
  std::string installed_path;    ///< its new one, relative to site-packages
  elf::Edits edits;              ///< empty: passes through as it is
  std::vector<std::string> why;  ///< a reason for each edit
  Mobility mobility;
};

/// One wheel to be written.
struct PlannedWheel {
  std::string name;  ///< as METADATA has it
  wheel::Filename filename;
  std::string package;      ///< a companion's top folder; empty for the main wheel
  std::string requirement;  ///< `cudatorch==2.1.2+split.1`
  Weight weight;            ///< not more than this will be written
};

struct SplitPlan {
  std::vector<PlannedWheel> wheels;          ///< [0] is the main wheel; no other: nothing moves
  std::vector<PlannedLibrary> libraries;     ///< as Inventory::libraries
  std::vector<PreloadLibrary> preload;       ///< in load order
  std::vector<std::size_t> preload_indices;  ///< the same as indices of `libraries`
  std::string init_path;  ///< installed path of the `__init__.py` that gets the block; empty where
                          ///< there is none
  std::vector<std::string> notes;  ///< what the user should know, a line each
  PartitionCost cost;
  PartitionCost bound;         ///< no plan costs less; equals `cost` where that is proven
  std::vector<Opened> opened;  ///< dlopens that succeed in the original, to be proved
  std::vector<std::size_t>
      behind_import;  ///< libraries that are loaded after the package with the block was imported
  std::size_t met_needs = 0;  ///< of all libraries, by DT_NEEDED and dlopen, in the original
  bool moves_only_named =
      false;  ///< `cost` and `bound` are those of plans that move what --move names, and no more
  Limit limit;
  elf::LoaderKind loader = elf::LoaderKind::kGlibc;  ///< whose rules the wheel is loaded by

  bool optimal() const { return cost == bound; }
};

/// No plan exists: what it would take.
struct ImpossibleSplit {
  Limit limit;
  Weight smallest;                    ///< the smallest limit of each kind for which a plan exists
  std::string installed_dictated_by;  ///< the library, or what stays in the main wheel
  std::string packed_dictated_by;
};

/// Packed sizes that were measured for rewritten libraries, by member; they replace the estimate.
using PackedSizes = std::map<std::string, std::uint64_t>;

struct SplitAnswer {
  std::optional<SplitPlan> plan;
  std::optional<ImpossibleSplit> impossible;
};

/// Decides what goes where and what is rewritten. Pure. Throws Failure for wishes that cannot be
/// fulfilled (a GLOB that matches nothing, two libraries that need each other and may not part, a
/// companion's name that is taken).
SplitAnswer plan_split(const WheelOutline& outline, const Inventory& inventory,
                       const SplitRequest& request, const PackedSizes& measured);

/// The inventory's libraries as the loader model wants them, where they lay and where they will
/// lie.
std::vector<elf::InstalledLibrary> installed_before(const Inventory& inventory, Layout layout);
std::vector<elf::InstalledLibrary> installed_after(const Inventory& inventory,
                                                   const SplitPlan& plan, Layout layout);

}  // namespace spokeshave
