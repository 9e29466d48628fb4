#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elf/library_set.h"
#include "elf/loader.h"
#include "elf/loader_chains.h"

namespace elf {

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
  /// A file that the search opens, and the entry that led to it.
  struct Hit {
    std::size_t library = 0;
    std::size_t owner = 0;
    std::size_t entry = 0;
  };

  void take_path();
  void search_everywhere();
  bool look_along_rpath_chain();
  bool look_in(const SearchList& list, Rule rule, std::size_t owner);
  std::optional<Hit> find_in(const SearchList& list, std::size_t owner) const;
  void settle(const Hit& hit, Rule rule);
  bool ask_system();

  void note(Attempt attempt);
  void note_failures(const SearchList& list, std::size_t end, Rule rule, std::size_t owner);
  void note_rpath_failures(const std::optional<Hit>& hit);
  void note_skipped_rpath(std::size_t owner, std::size_t has_runpath);
  void note_unused_runpaths();
  bool has_room() const;
  std::string why_not(const SearchList::Entry& entry, const std::string& path) const;
  std::string refusal(std::size_t candidate) const;

  LibrarySet& set_;
  const LoaderChains& chains_;
  const SearchList& ld_library_path_;
  const Environment& environment_;
  AttemptBudget& budget_;

  Resolution result_;
  std::string name_;
  bool omitted_ = false;  ///< attempts that there was no room for
};

}  // namespace elf
