#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

// Which of many failures are faults, and which only follow from them.
namespace spokeshave {

/// A DT_NEEDED that the loader does not meet in spite of what was loaded beforehand.
struct StillMissing {
  std::size_t from = 0;
  std::string name;
  std::optional<std::size_t> to = {};  ///< the library that was to meet it
};

/// What is missed while a library is opened, by it or by what it brings.
struct Missed {
  std::size_t opened = 0;
  StillMissing need;
};

/// What is missed, each need once, without what is missed only because it fails itself: then it is
/// one of `failed`, and what it misses is told. Where failures lead in a circle each is the other's
/// reason, and all are told: of anything that fails at least one fault is.
std::vector<StillMissing> faults_among(const std::vector<Missed>& missed,
                                       const std::set<std::size_t>& failed);

}  // namespace spokeshave
