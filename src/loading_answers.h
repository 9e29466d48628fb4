#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "elf/loader.h"
#include "src/need_graph.h"

namespace spokeshave {

/// How one need was met, in whose process, by opening what.
struct Met {
  elf::Resolution resolution;
  LoadedBy by = LoadedBy::kNobody;
  std::size_t opened = 0;
};

/// Room for what was tried, over all processes: a set of some kilobytes can make its libraries try
/// gigabytes. What comes first keeps its attempts; of the rest they are only counted.
class AttemptRoom {
 public:
  /// Takes the attempts out of a resolution that is kept.
  Tried take_in(elf::Resolution& resolution);
  void give_back(const Tried& tried);

 private:
  std::size_t left_ = std::size_t{16} << 20;  ///< bytes
};

/// How one need was answered, over all processes.
struct Answer {
  std::vector<Met> met;  ///< by different libraries, or by the system
  std::optional<UnmetNeed> unmet;
};

using Answers = std::map<std::pair<std::size_t, std::string>, Answer>;  ///< by (from, name)

/// Its path below site-packages, or below the wheel's own folder, whose number tells nothing.
std::string_view place_of(const elf::InstalledLibrary& library);

/// Chooses among what processes say of one need: the best reason counts; among those with the same,
/// what depends neither on which process ran first nor on the order of the wheels.
class Choice {
 public:
  explicit Choice(const std::vector<elf::InstalledLibrary>& set) : set_(set) {}

  void take_met(Answer& answer, Met&& met) const;
  /// What is not kept is left in `need`.
  void take_unmet(Answer& answer, UnmetNeed& need) const;

 private:
  std::tuple<LoadedBy, bool, elf::Rule, bool, std::string_view> rank(const Met& met) const;
  std::tuple<LoadedBy, bool, std::size_t, std::string_view> rank(const UnmetNeed& need) const;

  const std::vector<elf::InstalledLibrary>& set_;
};

}  // namespace spokeshave
