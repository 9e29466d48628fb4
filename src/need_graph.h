#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "elf/loader.h"
#include "src/inventory.h"

namespace spokeshave {

/// How the folders of several installed wheels lie to each other.
enum class Layout {
  kSitePackages,  ///< all in one folder: `$ORIGIN/../..` crosses from wheel to wheel
  kSeparate,      ///< one folder a wheel, as Bazel's rules_python does: nothing crosses, only
                  ///< preloading helps
};

/// The path that the loader model knows a file by: wheel number `wheel`'s file that is installed to
/// `installed_path`.
std::string location(Layout layout, std::size_t wheel, const std::string& installed_path);

/// A process in which all that the set itself does not bring is there: what the system, the driver
/// or another wheel would bring.
elf::Environment outside_is_met(const std::vector<elf::InstalledLibrary>& set);

/// `from` needs `to` (indices of the set), under this name.
struct Need {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string name;
  bool by_dlopen = false;  ///< evidence: the name stands among the bytes; else DT_NEEDED
  elf::Rule rule = elf::Rule::kMissing;  ///< how it was met; kMissing: a dlopen that would fail
  std::size_t path_owner = 0;            ///< kRpath, kRunpath: whose path

  /// Whether a loader would meet it: always so for DT_NEEDED.
  bool is_met() const { return rule != elf::Rule::kMissing; }
};

/// A DT_NEEDED that is not met out of the set.
struct OutsideNeed {
  std::size_t from = 0;
  std::string name;
};

/// A DT_NEEDED that the set has a library for, but that the loader would not find.
struct UnmetNeed {
  std::size_t from = 0;
  std::string name;
  std::vector<elf::Attempt> attempts;
};

/// Who needs whom in a set of libraries.
struct NeedGraph {
  std::vector<Need> needs;  ///< ascending by from, then in the order of DT_NEEDED, dlopen last
  std::vector<OutsideNeed> outside;  ///< the system's libraries too
  std::vector<UnmetNeed> unmet;      ///< in none of the processes tried

  /// What each library needs by DT_NEEDED, and with `with_dlopen` also by dlopen: for
  /// elf::load_order.
  std::vector<std::vector<std::size_t>> adjacency(std::size_t count, bool with_dlopen) const;
};

/// Opens every library of the set in a process of its own and gathers how each need was met; one
/// that is met in some process counts as met. `mentions[i]` are the names among library i's bytes.
NeedGraph find_needs(const std::vector<elf::InstalledLibrary>& set,
                     const std::vector<const std::set<std::string>*>& mentions);

/// Libraries of other wheels that this set needs: neither the system's nor the driver's.
bool needs_other_wheels(const NeedGraph& graph);

}  // namespace spokeshave
