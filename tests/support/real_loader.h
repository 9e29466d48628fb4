#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "elf/loader.h"

namespace support {

/// A dlopen: of a path, or of a bare name by the code of a library that is loaded.
struct Dlopen {
  std::string name = {};
  std::optional<std::size_t> caller = {};
};

/// What a process does with a set of libraries. Their paths lie in a folder that exists.
struct Scenario {
  std::vector<elf::InstalledLibrary> libraries = {};
  std::vector<std::string> ld_library_path = {};
  std::vector<Dlopen> dlopens = {};
};

/// x86-64, as all that the scenarios say of a library in one call.
elf::InstalledLibrary library(elf::InstalledLibrary described);

/// Writes the libraries as files, runs the scenario in a process of its own with the system's
/// loader, and returns what came of it, as text: for each dlopen whether it succeeded and which
/// libraries are loaded after it, in order; at the end, for each library that is loaded, all that
/// can be reached from it through NEEDED.
std::string real_transcript(const Scenario& scenario);

/// The same text, from the model. The system brings libc.so.6 and libm.so.6.
std::string model_transcript(const Scenario& scenario);

/// Those libraries that the model counts as brought by the system.
bool is_system(std::string_view soname);

}  // namespace support
