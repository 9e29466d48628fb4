#pragma once

#include "wheel/flaw.h"
#include "wheel/wheel_file.h"

namespace wheel {

/// What the specifications ask of a wheel (binary distribution format; core metadata,
/// "License-File") and installers let pass, so that open_wheel() does too: RECORD lists itself with
/// a size, or its signatures; a License-File of Metadata 2.4 or later that is not there; in WHEEL,
/// no Root-Is-Purelib, no Tag, or another Build than the file name's. No flaw are a Tag unlike the
/// file name's (every torch wheel up to 2.1) and no Build where the file name has one (triton
/// 2.1.0).
void check_spec(const WheelFile& wheel, const FlawSink& found);

/// The fields of WHEEL, the member `member`, among it.
void check_wheel_fields(const Headers& wheel, const std::string& member, const Filename& filename,
                        const FlawSink& found);

/// What METADATA of version 2.4 or later names as License-File, that is, from which version on each
/// must lie at `.dist-info/licenses/PATH` (PEP 639); empty for older ones.
std::vector<std::string> license_files(const Headers& metadata);

}  // namespace wheel
