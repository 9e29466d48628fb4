#include "elf/loader_chains.h"

namespace elf {

void LoaderChains::set_loader(std::size_t library, std::size_t loader) {
  loaders_[library] = loader;
  std::size_t owner = loader;
  while (owner != kNone && !adds_folders(owner, library)) owner = next_paths_[owner];
  next_paths_[library] = owner;
}

bool LoaderChains::adds_folders(std::size_t owner, std::size_t library) {
  if (!set_.is_inherited(owner)) return false;
  const SearchList& theirs = set_.search_list(owner);
  if (!set_.is_inherited(library)) return theirs.leads_into_set();
  return !set_.search_list(library).covers(theirs);
}

}  // namespace elf
