#include "src/diff_lines.h"

#include <fmt/format.h>

#include <algorithm>

namespace spokeshave {

void DiffLines::next() {
  at_ = std::min(end_ + 1, text_.size());
  ++number_;
  find_end();
}

void DiffLines::find_end() {
  end_ = std::min(text_.find('\n', at_), text_.size());
}

std::string_view DiffLines::line() const {
  std::string_view line = raw();
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

bool DiffLines::following_begins_with(std::string_view prefix, int how_far) const {
  std::size_t begin = std::min(end_ + 1, text_.size());
  for (; how_far > 1; --how_far) {
    begin = std::min(std::min(text_.find('\n', begin), text_.size()) + 1, text_.size());
  }
  return text_.substr(begin).starts_with(prefix);
}

Failure DiffLines::failure(std::size_t line, const std::string& cause,
                           const std::string& hint) const {
  return {ExitCode::kFailed, fmt::format("cannot read the diff `{}`", diff_name_),
          fmt::format("line {}: {}", line, cause), hint};
}

std::string shown_line(std::string_view line) {
  constexpr std::size_t kMost = 44;
  line = line.substr(0, std::min(line.find('\n'), line.size()));
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (line.size() <= kMost) {
    return fmt::format("\"{}\"", line);
  }
  std::size_t size = kMost - 3;
  while (size > 0 && (static_cast<unsigned char>(line[size]) & 0xc0) == 0x80) {
    --size;  // not in the middle of a letter
  }
  return fmt::format("\"{}...\"", line.substr(0, size));
}

}  // namespace spokeshave
