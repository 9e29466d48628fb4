#pragma once

#include <string>
#include <vector>

#include "elf/edits.h"
#include "elf/image.h"
#include "src/patch_request.h"

namespace spokeshave {

/// What the user's library edits come to for the ELF file at `path`: those whose GLOB matches,
/// taken together. Throws Failure with ExitCode::kUsage where they contradict each other.
elf::Edits edits_for(const std::vector<LibraryEdit>& edits, const std::string& path);

/// Throws Failure for an edit whose GLOB matches none of `paths` (ELF files), with the nearest of
/// them.
void refuse_unmatched(const std::vector<LibraryEdit>& edits, const std::vector<std::string>& paths);

/// A library as it was before its edits.
struct EditedLibrary {
  std::string path;
  const elf::Image* before = nullptr;
};

/// Throws Failure for a name that is to be replaced or removed, but that none of the libraries that
/// the GLOB matches needs, with the nearest name.
void refuse_unneeded(const std::vector<LibraryEdit>& edits,
                     const std::vector<EditedLibrary>& libraries);

}  // namespace spokeshave
