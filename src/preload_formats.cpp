#include "src/preload_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "src/failure.h"
#include "src/member_check.h"
#include "src/python_literal.h"
#include "wheel/record.h"
#include "wheel/sha256.h"

namespace spokeshave {

namespace {

constexpr std::string_view kSitecustomizeHead =
    R"py(# Loads native libraries, each after those that it needs, when the package {0} is imported.
# Written by spokeshave. Nothing of it runs on other systems than Linux, and nothing is loaded where
# {0} is not imported. The environment variable SPOKESHAVE_PRELOAD=verbose shows each step,
# SPOKESHAVE_PRELOAD=off skips them all.
#
# Python imports a module `sitecustomize` at its start, the first that it finds on sys.path; so put
# this file as sitecustomize.py into a folder of PYTHONPATH, or into site-packages. Where there is
# a sitecustomize already, give this file another name, say spokeshave_preload.py, put it into
# site-packages, and a file spokeshave_preload.pth beside it, of the one line
#     import spokeshave_preload
# `python -S` and `python -I` with PYTHONPATH run neither: import the module by hand there.
)py";

constexpr std::string_view kFinder = R"py(class _SpokeshavePreload:
    def find_spec(self, name, path=None, target=None):
        if name == PACKAGE:
            _spokeshave_preload(PACKAGE, None, 0, LIBRARIES)
            # A new list: other imports may be walking through this one.
            sys.meta_path = [finder for finder in sys.meta_path if finder is not self]
        return None


sys.meta_path.insert(0, _SpokeshavePreload())
)py";

/// Lines with their ends; only "\n" ends one, as for patch(1).
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::string hunk_lines(char sign, const std::vector<std::string_view>& lines, std::size_t begin,
                       std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) {
    text += sign;
    text += lines[i];
    if (!lines[i].ends_with('\n')) text += "\n\\ No newline at end of file\n";
  }
  return text;
}

/// `-17,7` of a hunk's header: an empty range is named by the line before it.
std::string hunk_range(std::size_t begin, std::size_t end) {
  return fmt::format("{},{}", begin == end ? begin : begin + 1, end - begin);
}

/// One hunk with three lines of context, from the first line that differs to the last.
std::string file_diff(const std::string& path, std::string_view before, std::string_view after) {
  constexpr std::size_t kContext = 3;
  const auto old_lines = lines_of(before);
  const auto new_lines = lines_of(after);
  const std::size_t both = std::min(old_lines.size(), new_lines.size());
  std::size_t head = 0;
  while (head < both && old_lines[head] == new_lines[head]) ++head;
  std::size_t tail = 0;
  while (tail < both - head &&
         old_lines[old_lines.size() - 1 - tail] == new_lines[new_lines.size() - 1 - tail])
    ++tail;
  const std::size_t begin = head - std::min(head, kContext);
  const std::size_t behind = std::min(tail, kContext);
  const std::size_t old_end = old_lines.size() - tail;
  const std::size_t new_end = new_lines.size() - tail;
  return fmt::format("--- a/{0}\n+++ b/{0}\n@@ -{1} +{2} @@\n", path,
                     hunk_range(begin, old_end + behind), hunk_range(begin, new_end + behind)) +
         hunk_lines(' ', old_lines, begin, head) + hunk_lines('-', old_lines, head, old_end) +
         hunk_lines('+', new_lines, head, new_end) +
         hunk_lines(' ', old_lines, old_end, old_end + behind);
}

/// RECORD with the row of `path` made to fit the new text; all else byte for byte.
std::string record_with(std::string_view record, const std::string& path, std::string_view text) {
  wheel::Record row{
      .rows = {
          {.path = path, .hash = wheel::record_hash(wheel::sha256(text)), .size = text.size()}}};
  std::string result;
  for (const std::string_view line : lines_of(record)) {
    const wheel::Record read = wheel::parse_record(line, [](const wheel::Flaw&) {});
    if (read.rows.size() == 1 && read.rows.front().path == path) {
      row.newline = line.ends_with("\r\n") ? "\r\n" : line.ends_with('\n') ? "\n" : "";
      result += wheel::to_string(row);
    } else {
      result += line;
    }
  }
  return result;
}

const wheel::Member& module_at(const wheel::WheelFile& wheel, std::string_view init_path) {
  for (const auto& member : wheel.archive.members()) {
    if (!member.is_folder() && wheel::installed_path(wheel, member.name) == init_path)
      return member;
  }
  throw Failure(ExitCode::kFound, fmt::format("no preload block can be put into `{}`", init_path),
                "the wheel has no such module", "name a module of the wheel");
}

}  // namespace

std::string preload_sitecustomize(const std::vector<PreloadLibrary>& libraries,
                                  std::string_view package) {
  return fmt::format("{}import sys\n\nPACKAGE = {}\nLIBRARIES = {}\n\n\n{}\n\n\n",
                     fmt::format(fmt::runtime(kSitecustomizeHead), package),
                     python_literal(package), preload_literal(libraries, ""), preload_function()) +
         std::string(kFinder);
}

std::string preload_diff(const wheel::WheelFile& wheel, std::string_view init_path,
                         std::string_view block) {
  const wheel::Member& member = module_at(wheel, init_path);
  const std::string record_path = wheel.dist_info + "/RECORD";
  const std::string before = checked_text(wheel, member);
  const std::string after = with_preload_block(before, block);
  const std::string record = checked_text(wheel, *wheel.archive.find(record_path));
  return file_diff(member.name, before, after) +
         file_diff(record_path, record, record_with(record, member.name, after));
}

}  // namespace spokeshave
