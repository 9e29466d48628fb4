#include "src/unfindable.h"

#include <fmt/format.h>

#include "src/failure.h"
#include "src/find_problems.h"
#include "src/glob.h"

namespace spokeshave {

bool is_unfindable(const UnmetNeed& need) {
  return need.bearers.empty();
}

Unfindable explain_unfindable(const Inspection& inspection, const UnmetNeed& need) {
  const std::string needer = quoted_name(inspection, need.from);
  if (need.name.find('/') == std::string::npos) {
    return {fmt::format("no wheel here has it, and {} asks for no default folders (DF_1_NODEFLIB)",
                        needer),
            fmt::format("add the folder that has it to the RUNPATH of {}", needer)};
  }
  const std::string file(file_name(inspection.libraries[need.from].library->installed_path));
  return {
      "a name with `/` is a path to the loader, from the folder in which the process was started",
      fmt::format("patch that wheel: --replace-needed '{}:{}={}'", printable(file),
                  printable(need.name), printable(std::string(file_name(need.name))))};
}

}  // namespace spokeshave
