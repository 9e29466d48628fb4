#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elf/library_set.h"
#include "elf/loader.h"

namespace elf {

/// Who caused whom to load: a library's loader is the one whose need (or dlopen) mapped it (glibc's
/// l_loader).
class LoaderChains {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  explicit LoaderChains(std::size_t libraries) : loaders_(libraries, kNone) {}
  void set(std::size_t library, std::size_t loader) { loaders_[library] = loader; }
  std::size_t loader_of(std::size_t library) const { return loaders_[library]; }

 private:
  std::vector<std::size_t> loaders_;
};

/// How many attempts may still be written down: paths come from files, and their product with a
/// million needs would not fit.
struct AttemptBudget {
  std::size_t left = 0;
};

/// One search for one name on behalf of one library, in ld.so's order: RPATH of the chain,
/// LD_LIBRARY_PATH, RUNPATH, the system (glibc 2.36, elf/dl-load.c, _dl_map_object). Names that are
/// loaded already do not come here.
class Search {
 public:
  Search(LibrarySet& set, const LoaderChains& chains, const SearchList& ld_library_path,
         const Environment& environment, AttemptBudget& budget);

  /// `name` with its tokens expanded.
  Resolution find(std::size_t from, const std::string& needed, const std::string& name);

 private:
  void search_everywhere();
  void take_path();
  bool look_along_rpath_chain();
  void note_ignored_rpath_chain();
  bool look_in(const SearchList& list, Rule rule, std::size_t owner);
  bool ask_system();
  void explain_unused_runpaths();

  void note_skipped_rpath(std::size_t owner, std::size_t has_runpath);
  void note_failures(const SearchList& list, std::size_t end, Rule rule, std::size_t owner);
  void note(Attempt attempt);
  void note_omitted();
  std::string why_not(const SearchList::Entry& entry, const std::string& path) const;
  std::string refusal(std::size_t candidate) const;

  LibrarySet& set_;
  const LoaderChains& chains_;
  const SearchList& ld_library_path_;
  const Environment& environment_;
  AttemptBudget& budget_;

  Resolution result_;
  std::string name_;
  std::size_t omitted_ = 0;
};

}  // namespace elf
