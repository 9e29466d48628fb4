#include "src/header_changes.h"

#include <algorithm>
#include <map>

namespace spokeshave {

namespace {

/// The header's lines, folded ones as one.
std::vector<std::string> header_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (line.empty()) {
      break;
    }
    if ((line.front() == ' ' || line.front() == '\t') && !lines.empty()) {
      lines.back() += "\n" + std::string(line);
    } else {
      lines.emplace_back(line);
    }
  }
  return lines;
}

std::string_view body_of(std::string_view text) {
  std::size_t at = std::string_view::npos;
  for (const std::string_view end : {"\n\n", "\r\n\r\n"}) {
    if (const std::size_t found = text.find(end); found != std::string_view::npos) {
      at = std::min(at, found + end.size());
    }
  }
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

}  // namespace

std::vector<LineChange> header_changes(std::string_view before, std::string_view after) {
  std::map<std::string, int> surplus;  // how often a line stands before more than after
  const auto was = header_lines(before);
  const auto is = header_lines(after);
  for (const auto& line : was) {
    ++surplus[line];
  }
  for (const auto& line : is) {
    --surplus[line];
  }
  std::vector<LineChange> changes;
  for (const auto& line : was) {
    if (surplus[line] > 0) {
      --surplus[line];
      changes.push_back({'-', line});
    }
  }
  for (const auto& line : is) {
    if (surplus[line] < 0) {
      ++surplus[line];
      changes.push_back({'+', line});
    }
  }
  return changes;
}

bool body_differs(std::string_view before, std::string_view after) {
  return body_of(before) != body_of(after);
}

}  // namespace spokeshave
