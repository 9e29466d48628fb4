#pragma once

#include <string>
#include <vector>

#include "src/member_stage.h"
#include "src/output_file.h"
#include "src/progress.h"
#include "src/split_draft.h"
#include "src/split_plan.h"

namespace spokeshave {

/// What has been shown of the outputs of a split, for the report.
struct SplitProof {
  std::size_t members = 0;  ///< listed in RECORD, present, of the right size and CRC field
  std::size_t decoded = 0;  ///< those written anew, decoded and hashed
  std::size_t needs = 0;    ///< met before and after by the same file, in each layout
  bool separate = false;    ///< also with every wheel in a folder of its own
};

/// Reads the written, still nameless wheels back: the archive strictly, RECORD against the members,
/// what is written anew against its hash (prove_written), and the loader model over the libraries
/// as they are now, the rewritten ones from `stage`: each need that was met before is met after, by
/// the same file, in one folder, and with the preload block in separate folders. Throws Failure for
/// the first thing that does not hold. `outputs[i]` is what draft i wrote.
SplitProof prove_split(const std::vector<OutputFile>& outputs,
                       const std::vector<WheelDraft>& drafts, const Inventory& inventory,
                       const SplitPlan& plan, const Stage& stage, unsigned jobs,
                       Progress& progress);

}  // namespace spokeshave
