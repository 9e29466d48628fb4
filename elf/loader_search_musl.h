#pragma once

#include <cstddef>
#include <optional>

#include "elf/loader_search.h"

namespace elf {

/// ld-musl's order: LD_LIBRARY_PATH, the search path of the library that needs and of its chain of
/// loaders, the system (musl 1.2.3, ldso/dynlink.c, load_library). A dlopen searches as a need of
/// the program.
class MuslSearch final : public Search {
 public:
  using Search::Search;

 private:
  void search_everywhere(Asker asker) override;
  bool look_along_chain();
  void note_failures_along_chain(const std::optional<Hit>& hit);
  void note_callers_path();
  Rule rule_of(std::size_t owner) const {
    return set()[owner].runpath ? Rule::kRunpath : Rule::kRpath;
  }
  void note_unused_path(std::size_t owner, const std::string& reason);
};

}  // namespace elf
