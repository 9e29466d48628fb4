#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "src/inspection.h"
#include "src/progress.h"
#include "src/verification.h"
#include "src/verify_loading.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// The wheels that are compared with an original, open: `inspection` has them in the same order,
/// and `numbers[i]` is the place of wheel i in Verification::wheels.
struct ComparedSet {
  std::vector<const wheel::WheelFile*> files;
  const Inspection& inspection;
  std::vector<std::size_t> numbers;
};

/// The original, and what is in those members of it that the set does not have as they were.
struct Original {
  std::string path;
  wheel::WheelFile file;
  Inventory inventory;
};

/// Fills in `verification.against`: what became of each member, of the libraries field by field, of
/// METADATA and WHEEL line by line. Decodes, of the original only, what differs. Throws Failure
/// where the original cannot be read.
Original compare_with_original(const std::string& path, const ComparedSet& set, unsigned jobs,
                               Progress& progress, Verification& verification);

/// Tells what a review must not pass over: members and needs that were lost, libraries for another
/// machine, files that hide each other. The needs that the original does not meet either.
std::set<NeedKey> judge_comparison(const Original& original, const ComparedSet& set,
                                   Verification& verification);

}  // namespace spokeshave
