#pragma once

#include <string>

#include "wheel/index_report.h"
#include "wheel/metadata.h"

namespace wheel {

/// Tells which Requires-Dist and Requires-Python of METADATA are refused: PyPI (packaging) and pip
/// take only what PEP 508 and PEP 440 allow; uv mends some common mistakes first (uv-pypi-types,
/// lenient_requirement.rs) and takes what they leave right. pip passes over a Requires-Python that
/// it cannot read. `member`: what METADATA is called in the archive.
void check_index_requires(const Headers& metadata, const std::string& member, IndexReport& report);

}  // namespace wheel
