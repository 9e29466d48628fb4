#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace elf {

/// The names by which loaded libraries are known. A process has libraries of one ABI only, so a
/// name counts among those of its own ABI.
class LoadedNames {
 public:
  /// What a name stands for: a library of the set, or (none) one of the system.
  using Library = std::optional<std::size_t>;

  explicit LoadedNames(std::size_t abis) : names_(abis) {}

  const Library* find(std::size_t abi, const std::string& name) const {
    const auto found = names_[abi].find(name);
    return found == names_[abi].end() ? nullptr : &found->second.library;
  }

  /// Of several libraries with one name, that which was loaded first has it: loaders look through
  /// their list in this order. `position` is the library's place in that list.
  void add(std::size_t abi, const std::string& name, Library library, std::size_t position,
           bool for_good) {
    const auto [place, is_new] = names_[abi].try_emplace(name, Holder{library, position});
    if (!is_new && place->second.position <= position) return;
    place->second = {library, position};
    if (!for_good) provisional_.push_back({abi, name, position});
  }

  void confirm() { provisional_.clear(); }
  void take_back() {
    for (const auto& [abi, name, position] : provisional_) {
      const auto held = names_[abi].find(name);
      if (held != names_[abi].end() && held->second.position == position) names_[abi].erase(held);
    }
    provisional_.clear();
  }

 private:
  struct Holder {
    Library library;
    std::size_t position = 0;
  };
  struct Provisional {
    std::size_t abi = 0;
    std::string name;
    std::size_t position = 0;
  };

  std::vector<std::unordered_map<std::string, Holder>> names_;
  std::vector<Provisional> provisional_;
};

}  // namespace elf
