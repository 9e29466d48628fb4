#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/patch_request.h"
#include "wheel/filename.h"
#include "wheel/metadata.h"

namespace spokeshave {

/// METADATA or WHEEL as it shall be, and what to say of it.
struct EditedText {
  std::string text;
  std::vector<std::string> changes;  ///< a line for each thing that is otherwise now
  std::vector<std::string> notes;    ///< a line for each thing that was asked for and stood already
};

/// METADATA with the edits in it, each line that they do not name byte for byte as it was. First
/// requirements are dropped, then set in the place of that name's first line, then added behind the
/// last one, where the same stands not there yet. `new_version` is for the Version field. Throws
/// Failure: as check_edits (src/edit_checks.h), and (kFound) where a requirement to drop or to set
/// is not there, with the name that is nearest.
EditedText edited_metadata(const wheel::Headers& metadata, const MetadataEdits& edits,
                           const std::optional<std::string>& new_version);

/// WHEEL for a file that is renamed. Where the tags in the name change, the Tag lines become those
/// of the new name, one by one, in the place of the first; where the build number changes, Build
/// does. All else stays byte for byte, also Tag lines that never agreed with the name.
EditedText edited_wheel_text(const wheel::Headers& wheel, const wheel::Filename& before,
                             const wheel::Filename& after);

}  // namespace spokeshave
