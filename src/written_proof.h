#pragma once

#include <cstddef>
#include <vector>

#include "src/output_file.h"
#include "src/progress.h"
#include "src/wheel_drafter.h"

namespace spokeshave {

/// What written wheels turned out to hold.
struct WrittenWheels {
  std::size_t members = 0;  ///< listed in RECORD, present, of the right size and CRC field
  std::size_t decoded = 0;  ///< those written anew, decoded and hashed
};

/// Reads the written, still nameless wheels back: the archive strictly, RECORD against the members,
/// every member that was written anew decoded and compared with its hash; of a rewritten library,
/// which was decoded and hashed when it was staged, header, row and packed bytes are compared.
/// Throws Failure for the first thing that does not hold. `outputs[i]` is what draft i wrote.
WrittenWheels prove_written(const std::vector<OutputFile>& outputs,
                            const std::vector<WheelDraft>& drafts, unsigned jobs,
                            Progress& progress);

}  // namespace spokeshave
