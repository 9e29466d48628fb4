#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elf/edits.h"
#include "elf/image.h"

namespace spokeshave {

/// The names by which a library finds others and is found, as edits are to leave them.
struct ExpectedNames {
  std::optional<std::string> soname;
  std::optional<std::string> rpath;
  std::optional<std::string> runpath;
  std::vector<std::string> needed;
  std::vector<std::string> version_files;  ///< vn_file of each version need
};

/// What elf/edits.h promises, worked out from the names alone. Pure.
ExpectedNames expected_names(const elf::Image& before, const elf::Edits& edits);

/// What a library that was read back from what was written shows otherwise than `edits` were to
/// leave it: its names, and what no edit may change (machine, type, interpreter, flags, versions).
/// One line without a full stop, nothing where all is as it should be. Pure.
std::optional<std::string> unkept_wish(const elf::Image& before, const elf::Edits& edits,
                                       const elf::Image& after);

}  // namespace spokeshave
