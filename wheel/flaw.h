#pragma once

#include <functional>
#include <string>

namespace wheel {

/// One thing that is wrong with a wheel.
struct Flaw {
  std::string rule;    ///< a short name for its kind, e.g. `record-unlisted`
  std::string member;  ///< empty: the wheel as a whole
  std::string what;    ///< one line, no full stop
};

/// Takes flaws as they are found. One that throws makes the first flaw the last.
using FlawSink = std::function<void(const Flaw&)>;

}  // namespace wheel
