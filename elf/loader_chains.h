#pragma once

#include <cstddef>
#include <vector>

#include "elf/library_set.h"

namespace elf {

/// Who caused whom to load: a library's loader is the one whose need mapped it (glibc's l_loader).
/// What a dlopen mapped has none.
class LoaderChains {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  explicit LoaderChains(LibrarySet& set)
      : set_(set), loaders_(set.size(), kNone), next_paths_(set.size(), kNone) {}

  void set_loader(std::size_t library, std::size_t loader);
  std::size_t loader_of(std::size_t library) const { return loaders_[library]; }
  /// The next library up the chain whose inherited path leads to a folder of the set that this
  /// one's does not lead to. In a chain of thousands that share a path, or have none, nobody walks
  /// from one to the next.
  std::size_t next_path(std::size_t library) const { return next_paths_[library]; }

 private:
  bool adds_folders(std::size_t owner, std::size_t library);

  LibrarySet& set_;
  std::vector<std::size_t> loaders_;
  std::vector<std::size_t> next_paths_;
};

}  // namespace elf
