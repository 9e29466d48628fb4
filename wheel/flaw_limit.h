#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "wheel/flaw.h"

namespace wheel {

/// Passes flaws on, but of each rule only the first hundred: a wheel of 200,000 members without a
/// RECORD row is one thing wrong, not 200,000.
class FlawLimit {
 public:
  static constexpr std::size_t kFlawsPerRule = 100;

  explicit FlawLimit(FlawSink found) : found_(std::move(found)) {}

  void tell(const Flaw& flaw);
  /// Tells, one flaw for each rule that had more, how many those were.
  void tell_rest();

 private:
  FlawSink found_;
  std::map<std::string, std::size_t> counts_;
};

}  // namespace wheel
