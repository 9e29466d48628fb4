#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/split_plan.h"
#include "src/split_stage.h"
#include "wheel/archive_writer.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// A member whose bytes are not the original's.
struct NewMember {
  std::string name;
  std::optional<std::size_t> library;  ///< index of the inventory, for a rewritten library
};

/// One new wheel, ready to be written: every member's place, hash and packed size is known.
struct WheelDraft {
  std::string file_name;
  wheel::ArchiveWriter writer;
  wheel::Record record;                 ///< of all members, RECORD's own row included
  Weight size;                          ///< exact: what is installed, and the archive
  std::vector<NewMember> written_anew;  ///< to be decoded when the wheel is proved
  std::vector<std::string> dropped;     ///< signatures of the old RECORD, void now
};

/// The drafts of all wheels of a plan, [0] is the main wheel. `wheel` and `stage` must outlive
/// them. Members that do not change keep their packed bytes, their row of RECORD, mode and time;
/// folder entries are left out, .dist-info comes last, RECORD very last. `epoch`: SOURCE_DATE_EPOCH
/// in seconds, for what is written anew; without it such a member takes the time of the one that it
/// replaces.
std::vector<WheelDraft> draft_wheels(const wheel::WheelFile& wheel, const Inventory& inventory,
                                     const SplitPlan& plan, const Stage& stage,
                                     std::optional<std::int64_t> epoch);

}  // namespace spokeshave
