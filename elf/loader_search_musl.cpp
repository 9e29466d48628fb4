#include "elf/loader_search_musl.h"

#include <string>

namespace elf {

void MuslSearch::search_everywhere(Asker asker) {
  if (look_in(ld_library_path(), Rule::kLdLibraryPath, from())) return;
  if (asker == Asker::kDlopen) {
    note_callers_path();
  } else if (look_along_chain()) {
    return;
  }
  ask_system();
}

/// The path of the library that needs, then of its loader, and on up. True when the search is over.
bool MuslSearch::look_along_chain() {
  std::optional<Hit> hit;
  for (std::size_t owner = from(); owner != LoaderChains::kNone && !hit;
       owner = chains().next_path(owner)) {
    if (set().is_inherited(owner)) hit = find_in(set().search_list(owner), owner);
  }
  note_failures_along_chain(hit);
  if (hit) settle(*hit, rule_of(hit->owner));
  return hit.has_value();
}

void MuslSearch::note_failures_along_chain(const std::optional<Hit>& hit) {
  if (!is_noting()) return;
  std::size_t owner = from();
  for (std::size_t steps = 0; owner != LoaderChains::kNone && steps < kMaxAttempts; ++steps) {
    const bool is_last = hit && hit->owner == owner;
    if (set().is_inherited(owner)) {
      const SearchList& list = set().search_list(owner);
      if (!list.why_unused().empty()) note_unused_path(owner, list.why_unused());
      note_failures(list, is_last ? hit->entry : list.entries().size(), rule_of(owner), owner);
    }
    if (is_last) return;
    owner = chains().loader_of(owner);
  }
  if (owner != LoaderChains::kNone) note_omission();
}

void MuslSearch::note_callers_path() {
  if (set().is_inherited(from())) {
    note_unused_path(from(),
                     "skipped: musl's dlopen searches no path of the library that calls it");
  }
}

void MuslSearch::note_unused_path(std::size_t owner, const std::string& reason) {
  const InstalledLibrary& library = set()[owner];
  note({rule_of(owner), owner, 0, library.runpath ? *library.runpath : *library.rpath, reason});
}

}  // namespace elf
