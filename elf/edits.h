#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace elf {

/// Which of the two search path tags the result carries.
enum class PathKind {
  kKeep,  ///< the kind that the file has; RUNPATH where it has none, or both (RUNPATH is the one in
          ///< force)
  kRpath,    ///< DT_RPATH: inherited by what it loads, beats LD_LIBRARY_PATH
  kRunpath,  ///< DT_RUNPATH: neither
};

/// All that is to change in one file, at once: there is no order among the parts. To replace or
/// remove a name that the file does not need changes nothing.
struct Edits {
  /// The new RPATH or RUNPATH, whole; exactly one of the two remains.
  std::optional<std::string> search_path = {};
  /// Without search_path: turns the present path into this kind.
  PathKind path_kind = PathKind::kKeep;
  /// Neither RPATH nor RUNPATH remains.
  bool remove_search_path = false;
  /// Set, also where there was none.
  std::optional<std::string> soname = {};
  /// Old name, new name.
  std::vector<std::pair<std::string, std::string>> replace_needed = {};
  /// Behind those that are there; one that is there stays.
  std::vector<std::string> add_needed = {};
  /// Refused where verneed still names it.
  std::vector<std::string> remove_needed = {};

  bool empty() const;
};

/// Throws std::invalid_argument where the parts contradict each other: set and remove of the path;
/// a name replaced twice, or both replaced and removed; a string that holds a NUL byte; an empty
/// name.
void check(const Edits& edits);

}  // namespace elf
