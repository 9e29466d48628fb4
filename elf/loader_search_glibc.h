#pragma once

#include <cstddef>
#include <optional>

#include "elf/loader_search.h"

namespace elf {

/// ld.so's order: RPATH of the chain, LD_LIBRARY_PATH, RUNPATH, the system (glibc 2.36,
/// elf/dl-load.c, _dl_map_object). A dlopen searches as a need of the library that calls it.
class GlibcSearch final : public Search {
 public:
  using Search::Search;

 private:
  void search_everywhere(Asker asker) override;
  bool look_along_rpath_chain();
  void note_rpath_failures(const std::optional<Hit>& hit);
  bool refuse_system();
  void note_skipped_rpath(std::size_t owner, std::size_t has_runpath);
  void note_unused_runpaths();
};

}  // namespace elf
