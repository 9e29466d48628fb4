#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "elf/rewrite.h"
#include "src/output_file.h"
#include "src/progress.h"
#include "src/split_plan.h"
#include "wheel/deflate.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// One rewritten library, packed, waiting in the spool.
struct StagedLibrary {
  std::uint64_t offset = 0;  ///< in the spool, bytes
  wheel::Packed packed;
  std::vector<std::string> changes;  ///< as elf::Rewrite has them
  elf::Placement placement = elf::Placement::kNone;
  std::uint64_t appended_bytes = 0;
};

/// The rewritten libraries of a plan, packed into a nameless file, so that all sizes and hashes are
/// known before a wheel is begun.
class Stage {
 public:
  /// `folder`: where the spool goes; that of the outputs, which must have room anyway.
  explicit Stage(const std::string& folder) : spool_(folder) {}

  /// Rewrites and packs every library of the plan that has edits. Throws Failure for an edit that a
  /// library does not allow.
  void fill(const wheel::WheelFile& wheel, const Inventory& inventory, const SplitPlan& plan,
            unsigned jobs, Progress& progress);

  int descriptor() const { return spool_.descriptor(); }
  /// nullptr for a library that passes through.
  const StagedLibrary* find(std::size_t library) const;
  /// What was measured, for a plan that must be made again.
  PackedSizes packed_sizes(const Inventory& inventory) const;

 private:
  OutputFile spool_;
  std::uint64_t end_ = 0;
  std::map<std::size_t, StagedLibrary> libraries_;
};

}  // namespace spokeshave
