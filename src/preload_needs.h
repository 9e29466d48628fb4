#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "src/inspection.h"
#include "src/preload_model.h"

// Which libraries must be loaded before a package's own code runs. Wheel 0 is the main wheel
// everywhere. Pure.
namespace spokeshave {

/// The libraries of an inspection as `preload` sees them: each wheel in a folder of its own, and in
/// one process what the main wheel's import opens. Who needs whom is what the loader answers in one
/// folder; what it does not find there is brought by the library that bears the SONAME: of several
/// that of the needing wheel, else that of a wheel that it requires, else the first. `notes` gets a
/// line where there was such a choice. What stands among a library's bytes counts as opened by
/// dlopen where one folder finds it, where it is of the same wheel, and where the main wheel opens
/// it.
PreloadModel preload_model(const Inspection& inspection, std::vector<std::string>& notes);

/// What somebody opens, but perhaps never, and lacks, so that it cannot be loaded beforehand.
struct LeftOut {
  std::size_t library = 0;
  std::set<std::string> lacks;      ///< names that no wheel of the set, nor the system, brings
  std::vector<std::size_t> circle;  ///< that it needs, or is in, and that nobody can open first
};

/// What the main wheel's code comes to load, and how.
struct PreloadNeeds {
  std::set<std::size_t> reached;  ///< of all wheels
  std::set<std::size_t> chosen;   ///< to be loaded beforehand
  std::vector<LeftOut> left_out;  ///< ascending by library
  /// By dlopen, under a name that is not the SONAME: no path leads there, and what was loaded
  /// before does not meet it.
  std::vector<PreloadEdge> not_found;
};

/// Goes from the main wheel's extension modules, programs and libraries that Python opens, by
/// DT_NEEDED; and from all its other libraries, which code opens in ways that nothing tells, where
/// they lack nothing and can be opened. What these may open by dlopen is chosen where it, or what
/// it needs, would not be found with a folder a wheel.
PreloadNeeds find_preload_needs(const Inspection& inspection, const PreloadModel& model,
                                const PreloadOrder& order);

/// The names that these libraries need by DT_NEEDED, and that neither a wheel of the set nor the
/// system nor the driver brings.
std::set<std::string> lacked_by(const Inspection& inspection,
                                const std::set<std::size_t>& libraries);

}  // namespace spokeshave
