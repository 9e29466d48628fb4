#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "elf/deep_comparison.h"
#include "elf/source.h"
#include "src/child_process.h"
#include "wheel/archive.h"

// elf::compare_deeply() in a process of its own: LIEF meets files of any making.
namespace spokeshave {

/// What the comparison of two libraries of these sizes may take.
ChildLimits deep_limits(std::uint64_t size_before, std::uint64_t size_after);

/// One state of a library, opened where it is read: in the child.
struct LibraryState {
  std::uint64_t size = 0;  ///< bytes
  /// Kept alive by the child until it has compared. What it throws is a reason why there is no
  /// comparison.
  std::function<std::unique_ptr<elf::Source>()> open;
};

/// A library of a wheel; the archive must outlive it.
LibraryState library_state(const wheel::Archive& archive, const wheel::Member& member);

/// The differences of two states of a library, as elf::compare_deeply() tells them. Where the child
/// fails there is one, whose `part` is `comparison` and which says why: it was not shown that they
/// are equal. Only in a build where elf::can_compare_deeply(). Call it while no other thread runs.
std::vector<elf::DeepDifference> compare_in_child(const LibraryState& before,
                                                  const LibraryState& after);

/// The same with other limits, and any comparison: for tests.
std::vector<elf::DeepDifference> compare_in_child(
    const std::function<std::vector<elf::DeepDifference>()>& compare, const ChildLimits& limits);

}  // namespace spokeshave
