#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/inspection.h"
#include "src/preload_model.h"
#include "src/preload_plan.h"
#include "src/wheel_outline.h"

// Which package of the main wheel (wheel 0) is to load what is loaded beforehand. Pure.
namespace spokeshave {

/// Code of the main wheel that comes to load something of the list.
struct Entrance {
  std::string place;                ///< installed path: an extension module, or who opens a library
  std::optional<std::string> init;  ///< of the outermost package that it lies in
  std::set<std::size_t> loaded;     ///< of the list, by DT_NEEDED
};

/// One for each module and each Python file that opens a library, what loads nothing of `order` as
/// well.
std::vector<Entrance> entrances(const Inspection& inspection, const WheelOutline& main,
                                const PreloadOrder& loader, const std::vector<std::size_t>& order);

/// The `__init__.py` that is to load the list. Of the packages that need what is listed the one
/// with the wheel's own name, else one whose name begins that (`cupy` of `cupy-cuda12x`): it is
/// what users import first; else the one that needs most. Empty where only modules outside of
/// packages need it. Throws Failure (kUsage) where the user's package is none.
std::string choose_entrance(const Inspection& inspection, const WheelOutline& main,
                            const std::vector<Entrance>& entrances, bool nothing_listed,
                            const PreloadRequest& request);

/// What else needs the list, and in which case it finds it loaded: a line each.
std::vector<std::string> other_entrances(const std::vector<Entrance>& entrances,
                                         const std::string& init_path);

}  // namespace spokeshave
