#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "src/inspection.h"
#include "src/preload_block.h"
#include "src/wheel_outline.h"

// What `preload` decides, as values. Wheel 0 is the main wheel.
namespace spokeshave {

/// What the user wants.
struct PreloadRequest {
  std::optional<std::string> package = {};  ///< whose `__init__.py` gets the block
  std::vector<std::string> global = {};     ///< GLOBs: load these with RTLD_GLOBAL
  std::string version = {};                 ///< of the main wheel, as the block is to name it
};

/// One library to be loaded beforehand.
struct PreloadStep {
  std::size_t library = 0;             ///< index into Inspection::libraries
  PreloadLibrary line;                 ///< what the block says of it
  std::string reason;                  ///< in words
  std::vector<std::string> needed_by;  ///< installed paths: who needs it, the first the best reason
  bool by_dlopen = false;  ///< nobody needs it by DT_NEEDED: those open it while they run
};

/// Libraries that need each other.
struct PreloadCircle {
  std::vector<std::size_t> libraries;  ///< ascending
  bool loads = false;
  std::string how;  ///< in words
};

/// A library that is needed and will not be found.
struct PreloadMissing {
  std::string name;                       ///< as NEEDED has it
  std::vector<std::string> needed_by;     ///< installed paths, ascending by library
  std::vector<std::string> requirements;  ///< names that should bring it, and that are not here
  std::string why;
  std::string way_out;
};

struct PreloadPlan {
  std::string init_path;  ///< installed path of the `__init__.py` that is to load them; empty where
                          ///< no package of the main wheel has one
  std::vector<PreloadStep> steps;  ///< in load order
  std::vector<PreloadCircle> circles;
  std::vector<PreloadMissing> missing;
  std::vector<std::size_t> unneeded;  ///< wheels of which nothing is loaded beforehand
  std::vector<std::string> notes;     ///< what the user should know, a line each

  /// Whether the list is enough: nothing is missing, and every circle loads.
  bool is_whole() const;
  std::vector<PreloadLibrary> lines() const;
};

/// Decides what is loaded beforehand, in which order and why, so that the main wheel's import finds
/// all that it needs with a folder a wheel, and proves it by the loader model. `inspection` is of
/// one folder (Layout::kSitePackages), its other wheels in an order of their own, not the user's.
/// Pure. Throws Failure (kUsage) for a package that is none, or a GLOB that matches nothing.
PreloadPlan plan_preload(const Inspection& inspection, const WheelOutline& main,
                         const PreloadRequest& request);

}  // namespace spokeshave
