#include "src/diff_fit.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "src/patch_program.h"

namespace spokeshave {

namespace {

constexpr std::size_t kMuchWork = 200'000'000;  // hunks times lines: about a second
constexpr std::size_t kMostFuzz = 2;            // patch(1), --fuzz

std::string_view without_end(std::string_view line, bool drop_cr) {
  line.remove_suffix(line.ends_with('\n') ? 1 : 0);
  line.remove_suffix(drop_cr && line.ends_with('\r') ? 1 : 0);
  return line;
}

/// The lines of a file, and its pairs of neighbours, as a Bloom filter of one hash: what it does
/// not hold is not there.
class LineFilter {
 public:
  explicit LineFilter(std::string_view content) : bits_(kBits) {
    std::size_t before = 0;
    for_each_line(content, [&](std::string_view line) {
      const std::size_t hash = hash_of(without_end(line, false));
      bits_[hash % kBits] = true;
      bits_[pair_hash(before, hash) % kBits] = true;
      before = hash;
    });
  }

  bool may_hold(const std::vector<std::string_view>& lines) const {
    std::size_t before = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t hash = hash_of(lines[i]);
      if (!bits_[hash % kBits] || (i > 0 && !bits_[pair_hash(before, hash) % kBits])) {
        return false;
      }
      before = hash;
    }
    return true;
  }

 private:
  static constexpr std::size_t kBits = 1U << 28U;  // 32 MB

  static std::size_t hash_of(std::string_view line) { return std::hash<std::string_view>()(line); }
  static std::size_t pair_hash(std::size_t first, std::size_t second) {
    return (first * 0x9e3779b97f4a7c15U) ^ (second + 0x517cc1b727220a95U);
  }

  std::vector<bool> bits_;
};

/// What must be there: the lines that are removed, and the context that no fuzz leaves out.
std::vector<std::string_view> needed_lines(const DiffHunk& hunk, bool drop_cr) {
  std::vector<std::string_view> lines;
  std::size_t first_change = SIZE_MAX;  // how many of `lines` stand above it
  std::size_t last_change = 0;          // the same, itself included
  for_each_line(hunk.body, [&](std::string_view line) {
    const char kind = line[0];
    const bool is_empty = kind == '\n' || kind == '\r';  // its space got lost on the way
    if (kind == '+' || kind == '-') {
      first_change = std::min(first_change, lines.size());
    }
    if (is_empty || kind == ' ' || kind == '-') {
      lines.push_back(without_end(line.substr(is_empty ? 0 : 1), drop_cr));
    }
    if (kind == '+' || kind == '-') {
      last_change = lines.size();
    }
  });
  const std::size_t above = std::min({kMostFuzz, first_change, lines.size()});
  const std::size_t below = std::min(kMostFuzz, lines.size() - last_change);
  if (above + below >= lines.size()) {
    return {};
  }
  return {lines.begin() + static_cast<std::ptrdiff_t>(above),
          lines.end() - static_cast<std::ptrdiff_t>(below)};
}

}  // namespace

std::optional<std::size_t> find_hopeless_hunk(std::string_view content, const FileDiff& diff) {
  const auto lines = static_cast<std::size_t>(std::count(content.begin(), content.end(), '\n'));
  if (diff.hunks.size() < 2 || lines < kMuchWork / diff.hunks.size()) {
    return std::nullopt;
  }
  const LineFilter filter(content);
  const bool drop_cr = loses_crlf(diff, content);
  const auto hopeless = std::find_if(
      diff.hunks.begin(), diff.hunks.end(),
      [&](const DiffHunk& hunk) { return !filter.may_hold(needed_lines(hunk, drop_cr)); });
  if (hopeless == diff.hunks.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(hopeless - diff.hunks.begin());
}

}  // namespace spokeshave
