#include "src/patch_output.h"

#include <cstdint>
#include <optional>

#include "src/diff_reading.h"
#include "src/text_scan.h"

namespace spokeshave {

namespace {

/// `Hunk #2 succeeded at 47 with fuzz 1 (offset -2 lines).`, `Hunk #1 FAILED at 10.`
std::optional<HunkResult> hunk_result(std::string_view line) {
  HunkResult result;
  if (!skip(line, "Hunk #")) {
    return std::nullopt;
  }
  result.hunk = take_number<unsigned>(line).value_or(0);
  if (skip(line, " FAILED")) {
    result.kind = HunkResult::Kind::kFailed;
    return result;
  }
  if (!skip(line, " succeeded at ") || !take_number<std::uint64_t>(line)) {
    return std::nullopt;
  }
  if (skip(line, " with fuzz ")) {
    result.fuzz = take_number<unsigned>(line).value_or(0);
  }
  if (skip(line, " (offset ")) {
    result.lines = take_number<std::int64_t>(line).value_or(0);
  }
  return result;
}

}  // namespace

// The messages of GNU patch 2.7 in the C locale (its patch.c).
void read_patch_output(std::string_view output, std::vector<PatchedFile>& files) {
  PatchedFile* file = nullptr;
  for_each_line(output, [&](std::string_view line) {
    if (skip(line, "patching file ") || skip(line, "checking file ")) {
      skip(line, "'");
      const auto number = take_number<std::size_t>(line);
      file = number && *number < files.size() ? &files[*number] : nullptr;
    } else if (file == nullptr) {
      return;
    } else if (const auto result = hunk_result(line)) {
      file->hunks.push_back(*result);
    } else if (line.starts_with("Reversed (or previously applied) patch detected!")) {
      file->was_applied_before = true;
    } else if (line.find(" hunk ignored") != std::string_view::npos ||
               line.find(" hunks ignored") != std::string_view::npos) {
      file->was_skipped = true;
    }
  });
}

}  // namespace spokeshave
