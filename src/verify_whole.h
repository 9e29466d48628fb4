#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/inspection.h"
#include "src/options.h"
#include "src/progress.h"
#include "src/verification.h"
#include "wheel/wheel_file.h"

// Is a wheel what it says of itself?
namespace spokeshave {

/// One wheel of those given; `file` is empty where its archive or its .dist-info cannot be made
/// sense of.
struct Candidate {
  std::string path;
  std::optional<wheel::WheelFile> file;
};

/// Opens the wheels, and holds their names, folders, METADATA, WHEEL and the rows of RECORD against
/// each other; with --index-rules also against what PyPI, uv and pip refuse. Throws Failure where a
/// file cannot be read, or is no zip archive at all.
std::vector<Candidate> open_candidates(const VerifyOptions& options, Verification& verification);

/// Decodes every member of the wheels that are open, and holds it against its CRC and its row in
/// RECORD. What is in them, one for each wheel that is open. Throws Failure.
std::vector<InspectedWheel> check_members(const std::vector<Candidate>& candidates, unsigned jobs,
                                          Progress& progress, Verification& verification);

}  // namespace spokeshave
