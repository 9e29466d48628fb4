#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "elf/loader.h"
#include "src/need_graph.h"

// Runs the loader model over processes, and gathers who needs whom.
namespace spokeshave {

/// Libraries that code opens one after another: first `named`; where one of them fails, or there is
/// none, `searched`, and then again those that failed. So torch up to 2.9 treats
/// libtorch_global_deps and its list of CUDA libraries.
struct Openings {
  std::vector<std::size_t> named;
  std::vector<std::size_t> searched;
};

/// One process, by what its code opens.
struct ProcessPlan {
  LoadedBy by = LoadedBy::kNobody;
  std::vector<Openings> openings;  ///< in order
};

/// What the loader answers in some processes.
struct Loading {
  NeedGraph graph;
  std::vector<LoadedBy> loaded_by;  ///< of each library, the first in the enumeration's order
  /// The libraries that the processes given opened themselves, and not only as something's need, in
  /// order.
  std::vector<std::size_t> opened;
};

/// The names among each library's bytes.
using Mentions = std::vector<const std::set<std::string>*>;

/// Runs the processes, and every library that none of them opens in one of its own, and gathers how
/// each need was met. Where a process with a known reason misses a need, it is unmet, whatever the
/// others say; where only processes that nobody starts miss it, one that meets it is enough. At the
/// end of each process its libraries open what they mention.
Loading simulate_loading(const std::vector<elf::InstalledLibrary>& set, const Mentions& mentions,
                         const std::vector<ProcessPlan>& processes,
                         elf::LoaderKind loader = elf::LoaderKind::kGlibc,
                         elf::Noted noted = elf::Noted::kOfMissing);

/// The same where nobody knows what is opened: every library in a process of its own. What was
/// tried is not kept.
NeedGraph find_needs(const std::vector<elf::InstalledLibrary>& set, const Mentions& mentions,
                     elf::LoaderKind loader = elf::LoaderKind::kGlibc);

}  // namespace spokeshave
