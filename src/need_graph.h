#pragma once

#include <cstddef>
#include <set>
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

/// Whose loader installs of this platform tag are loaded by: musl's for musllinux, else glibc's.
elf::LoaderKind loader_of(const std::string& platform_tag);

/// The path that the loader model knows a file by: wheel number `wheel`'s file that is installed to
/// `installed_path`.
std::string location(Layout layout, std::size_t wheel, const std::string& installed_path);

/// A process in which all that the set itself does not bring is there: what the system, the driver
/// or another wheel would bring.
elf::Environment outside_is_met(const std::vector<elf::InstalledLibrary>& set);

/// Where the loader looked, in order.
struct Tried {
  std::vector<elf::Attempt> attempts = {};
  std::size_t not_listed = 0;  ///< how many more there were
};

/// `from` needs `to` (indices of the set), under this name.
struct Need {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string name;
  bool by_dlopen = false;  ///< evidence: the name stands among the bytes; else DT_NEEDED
  elf::Rule rule = elf::Rule::kMissing;  ///< how it was met; kMissing: a dlopen that would fail
  std::size_t path_owner = 0;            ///< kRpath, kRunpath: whose path
  Tried tried = {};  ///< of a dlopen that would fail; the first edge of a name has it

  /// Whether a loader would meet it: always so for DT_NEEDED.
  bool is_met() const { return rule != elf::Rule::kMissing; }
};

/// A DT_NEEDED that is not met out of the set.
struct OutsideNeed {
  std::size_t from = 0;
  std::string name;
};

/// Who opens a library, so that it is loaded at all.
enum class LoadedBy {
  kImport,   ///< importing the packages of a wheel
  kProgram,  ///< running a program of a wheel
  kNobody,   ///< nothing that is known: perhaps code outside of the set
};

/// A DT_NEEDED that the set has a library for, but that the loader would not find.
struct UnmetNeed {
  std::size_t from = 0;
  std::string name;
  Tried tried = {};
  LoadedBy loaded_by = LoadedBy::kNobody;        ///< who gets to see it
  std::size_t opened = 0;                        ///< what was opened, by path, when it was missed
  std::vector<std::size_t> other_programs = {};  ///< kProgram: what else misses it when it is run
  /// The libraries of the set that have this name.
  std::vector<std::size_t> bearers = {};
  /// Those of them that the same process opened before, and that failed to load: the reason.
  std::vector<std::size_t> failed_before = {};
};

/// Who needs whom in a set of libraries.
struct NeedGraph {
  std::vector<Need> needs;  ///< ascending by from, then in the order of DT_NEEDED, dlopen last
  std::vector<OutsideNeed> outside;  ///< the system's libraries too
  std::vector<UnmetNeed> unmet;

  /// What each library needs by DT_NEEDED, and with `with_dlopen` also by dlopen: for
  /// elf::load_order.
  std::vector<std::vector<std::size_t>> adjacency(std::size_t count, bool with_dlopen) const;
};

/// Of each library of `order`, which is in load order: whether it needs by DT_NEEDED, or something
/// among those that it needs does, what neither the set nor every system brings. `needed` is who
/// needs whom in the set.
std::vector<bool> needs_outside(const NeedGraph& graph,
                                const std::vector<std::vector<std::size_t>>& needed,
                                const std::vector<std::size_t>& order);

/// Libraries of other wheels that this set needs: neither the system's nor the driver's.
bool needs_other_wheels(const NeedGraph& graph);

}  // namespace spokeshave
