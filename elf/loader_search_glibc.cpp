#include "elf/loader_search_glibc.h"

#include <string>

namespace elf {
namespace {

/// Loaded into every process: met by its name, not in a folder.
bool is_libc_or_loader(std::string_view name) {
  return name == "libc.so.6" || name.starts_with("ld-linux") || name.starts_with("ld64.so.");
}

}  // namespace

void GlibcSearch::search_everywhere(Asker) {
  const InstalledLibrary& ours = set()[from()];
  // A library that has a RUNPATH uses no RPATH at all, neither its own nor those of its chain.
  if (ours.runpath) {
    note_rpath_failures(std::nullopt);
  } else if (look_along_rpath_chain()) {
    return;
  }
  if (look_in(ld_library_path(), Rule::kLdLibraryPath, from())) return;
  if (ours.runpath && look_in(set().search_list(from()), Rule::kRunpath, from())) return;
  const bool is_met =
      ours.no_default_folders && !is_libc_or_loader(name()) ? refuse_system() : ask_system();
  if (!is_met) note_unused_runpaths();
}

bool GlibcSearch::refuse_system() {
  note({Rule::kSystem, from(), 0, name(),
        "skipped: `" + std::string(set().name_of(from())) +
            "` asks for no default folders (DF_1_NODEFLIB)"});
  return false;
}

/// RPATH of the library that needs, then of its loader, and on up. True when the search is over.
bool GlibcSearch::look_along_rpath_chain() {
  std::optional<Hit> hit;
  for (std::size_t owner = from(); owner != LoaderChains::kNone && !hit;
       owner = chains().next_path(owner)) {
    if (set().is_inherited(owner)) hit = find_in(set().search_list(owner), owner);
  }
  note_rpath_failures(hit);
  if (hit) settle(*hit, Rule::kRpath);
  return hit.has_value();
}

/// Each RPATH of the chain up to the one that led to `hit`: where it led, or why it was not used.
void GlibcSearch::note_rpath_failures(const std::optional<Hit>& hit) {
  if (!is_noting()) return;
  const bool ignored = set()[from()].runpath.has_value();
  std::size_t owner = from();
  for (std::size_t steps = 0; owner != LoaderChains::kNone && steps < kMaxAttempts; ++steps) {
    const bool is_last = hit && hit->owner == owner;
    if (set()[owner].rpath && (ignored || set()[owner].runpath)) {
      note_skipped_rpath(owner, set()[owner].runpath ? owner : from());
    } else if (set()[owner].rpath) {
      const SearchList& list = set().search_list(owner);
      note_failures(list, is_last ? hit->entry : list.entries().size(), Rule::kRpath, owner);
    }
    if (is_last) return;
    owner = chains().loader_of(owner);
  }
  if (owner != LoaderChains::kNone) note_omission();
}

void GlibcSearch::note_skipped_rpath(std::size_t owner, std::size_t has_runpath) {
  note({Rule::kRpath, owner, 0, *set()[owner].rpath,
        "skipped: `" + std::string(set().name_of(has_runpath)) +
            "` has a RUNPATH, so RPATH is not used"});
}

/// RUNPATH is the kind that is not inherited: the most frequent reason why a library is not found
/// although a path of what loaded it names its folder.
void GlibcSearch::note_unused_runpaths() {
  if (!is_noting()) return;
  std::size_t owner = chains().loader_of(from());
  for (std::size_t steps = 0; owner != LoaderChains::kNone && steps < kMaxAttempts; ++steps) {
    if (set()[owner].runpath) {
      const auto hit = find_in(set().search_list(owner), owner);
      if (hit && set().verdict(hit->library, from()) == Verdict::kTaken) {
        note({Rule::kRunpath, owner, hit->entry, set()[hit->library].path,
              "skipped: a RUNPATH serves only the library that has it"});
      }
    }
    owner = chains().loader_of(owner);
  }
}

}  // namespace elf
