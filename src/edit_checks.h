#pragma once

#include "src/patch_request.h"

namespace spokeshave {

/// Checks what can be checked without a wheel: requirements and specifiers parse (PEP 508, 440),
/// names are names, nothing is dropped and set both. Throws Failure (kUsage), naming the option and
/// the column.
void check_edits(const MetadataEdits& edits);
/// Likewise for tags and the build number (wheel/tags.h).
void check_edits(const TagEdits& edits);

}  // namespace spokeshave
