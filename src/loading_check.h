#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "elf/loader.h"

namespace spokeshave {

/// A need that was met before and is not, or is met by another file, after.
struct Loss {
  std::size_t from = 0;  ///< the library that needs
  std::string needed;
  std::optional<std::size_t>
      before;  ///< the library that met it; none: the system or another wheel
  std::vector<elf::Attempt> attempts;     ///< where the loader looked, after
  std::optional<elf::Rule> rule = {};     ///< what it answered, after; none: nobody asks any more
  std::optional<std::size_t> after = {};  ///< the library that meets it instead
};

/// A dlopen by bare name that was seen to succeed: code of library `from` asks for `name`.
struct Opened {
  std::size_t from = 0;
  std::string name;
};

/// Two arrangements of the same libraries: `before[i]` and `after[i]` are one library. Each of
/// `roots` (every library where there is none) is opened in a fresh process in each, after
/// `preload` (indices, in order) in the second; each need of all that this loads, and each of
/// `opened` whose library it loads, is compared. Ascending by library, each need once: where it is
/// missing for one of the roots, so. Pure.
std::vector<Loss> loading_losses(
    const std::vector<elf::InstalledLibrary>& before,
    const std::vector<elf::InstalledLibrary>& after, const std::vector<std::size_t>& preload,
    const std::vector<Opened>& opened = {},
    const std::optional<std::vector<std::size_t>>& roots = std::nullopt,
    elf::LoaderKind loader = elf::LoaderKind::kGlibc);

}  // namespace spokeshave
