#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/diff_lines.h"
#include "src/diff_reading.h"

namespace spokeshave {

/// What the lines above a file's hunks say, one by one.
struct DiffHeader {
  FileDiff file;                        ///< without its paths
  std::optional<std::string> old_name;  ///< none where there is no such file before
  std::optional<std::string> new_name;  ///< ... or after
  bool old_time_is_zero = false;
  bool new_time_is_zero = false;
  std::string_view git_text;  ///< behind `diff --git `
  std::optional<std::pair<std::string, std::string>> git_names;
  std::optional<std::string> moved_from;  ///< of rename and copy, a path inside the wheel
  std::optional<std::string> moved_to;
};

/// The path inside the wheel that a name in a diff stands for. Throws Failure, with `line`, where
/// it has too few folders or `why_refused` refuses it.
std::string path_of(const DiffLines& lines, std::size_t line, const std::string& name,
                    unsigned strip_count);

/// What all of them together mean. Throws Failure where they contradict each other or the hunks.
FileDiff file_diff_of(DiffHeader header, const DiffLines& lines, unsigned strip_count);

}  // namespace spokeshave
