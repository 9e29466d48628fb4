#pragma once

#include <vector>

#include "src/inspection.h"
#include "src/loading.h"

namespace spokeshave {

/// The processes in which the libraries of a set of wheels come to be loaded: for each wheel the
/// import of its packages, behind that of the wheels that it requires (what torchvision opens finds
/// torch loaded), and for each program one of its own. An import opens first what the `__init__.py`
/// files open (a package before those inside of it), in the order in which their text names it;
/// then the extension modules, those of the package with the wheel's name and of the top folders
/// first; then what other Python files open. That order is known only as far as Python's text tells
/// it. Of two libraries with one file name a Python file means the one of its own wheel. Notes in
/// `libraries` which Python files open each.
std::vector<ProcessPlan> plan_processes(const std::vector<InspectedWheel>& wheels,
                                        std::vector<InspectedLibrary>& libraries);

}  // namespace spokeshave
