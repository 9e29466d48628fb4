#include "src/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace spokeshave {

namespace {

/// Levenshtein's distance, one row at a time.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string did_you_mean(const std::string& wanted, const std::vector<std::string>& candidates,
                         const std::string& otherwise) {
  constexpr std::size_t kLongest =
      200;  // longer words are no slip of the fingers, and cost the square of their length
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(2, wanted.size() / 4) + 1;
  for (const auto& candidate : candidates) {
    if (wanted.size() > kLongest || candidate.size() > kLongest) {
      continue;
    }
    const std::size_t changed = distance(wanted, candidate);
    if (changed < best_distance) {
      best_distance = changed;
      best = &candidate;
    }
  }
  return best == nullptr ? otherwise : fmt::format("did you mean `{}`?", *best);
}

}  // namespace spokeshave
