#include "src/preload_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "src/failure.h"
#include "src/member_check.h"
#include "src/preload_edit.h"
#include "src/python_literal.h"
#include "wheel/record.h"
#include "wheel/sha256.h"
#include "wheel/utf8.h"

namespace spokeshave {

namespace {

constexpr std::string_view kIdentifierLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/// {0} is the package as text, {1} a name for it in names of modules.
constexpr const char* kSitecustomizeHead =
    R"py(# Loads native libraries, each after those that it needs, when `{0}` is imported,
# before its code runs; nothing is loaded before, nor on other systems than Linux. Written by
# spokeshave. The environment variable SPOKESHAVE_PRELOAD=verbose shows each step,
# SPOKESHAVE_PRELOAD=off skips them all.
#
# Python imports the first `sitecustomize` of sys.path at its start: put this file as
# sitecustomize.py into a folder that PYTHONPATH names, or into site-packages. Where there is a
# sitecustomize already, put this text at its end, or call this file spokeshave_preload_{1}.py,
# put it into site-packages, and beside it a file spokeshave_preload_{1}.pth of one line:
#     import spokeshave_preload_{1}
# `python -S` reads neither, `-E` and `-I` do not look into PYTHONPATH: there, and where sys.path
# is made later, `import spokeshave_preload_{1}` before the package.
import sys


)py";

// A loader of its own, since finding is not importing: importlib.util.find_spec() is how others ask
// whether the package is there. create_module() runs when it is imported, and before the library
// of a package that is itself one is opened.
//
// All is inside a function: what stands below in the same file may define these names anew, as
// another of these does.
constexpr std::string_view kFinder = R"py(def _spokeshave_serve(package, preload, libraries):
    class _SpokeshaveFinder:
        def __init__(self):
            # It stays in sys.meta_path, idle: others may hold that list, or be walking through it.
            self.done = False

        def find_spec(self, name, path=None, target=None):
            if self.done or name != package:
                return None
            behind = False
            for finder in sys.meta_path:
                if finder is self:
                    behind = True
                elif behind and hasattr(finder, "find_spec"):
                    spec = finder.find_spec(name, path, target)
                    if spec is not None:
                        if hasattr(spec.loader, "create_module"):
                            spec.loader = _SpokeshaveLoader(self, spec.loader)
                        return spec
            return None

    class _SpokeshaveLoader:
        def __init__(self, finder, loader):
            self._finder = finder
            self._loader = loader

        def __getattr__(self, name):
            # A copy asks for its __setstate__ before it has a _loader.
            if name.startswith("__"):
                raise AttributeError(name)
            return getattr(self._loader, name)

        def create_module(self, spec):
            if spec.loader is self:
                spec.loader = self._loader
            # A finder behind may have asked all finders, and have one of these inside its loader.
            if not self._finder.done:
                levels = len(package.split(".")) + (spec.submodule_search_locations is not None)
                file = spec.origin if spec.has_location else None
                preload(package, file, levels, libraries)
                self._finder.done = True
            return self._loader.create_module(spec)

    sys.meta_path.insert(0, _SpokeshaveFinder())


)py";

constexpr const char* kDiffHead =
    R"(# Puts the preload block into {0} of {1}.
# For `patch -p1`, `git apply`, or rules_python:
#     pip.override(
#         file = "{1}",
#         patch_strip = 1,
#         patches = ["//:THIS_FILE"],
#     )
# or, where a WORKSPACE calls the `install_deps` of its requirements.bzl:
#     install_deps(whl_patches = {{"//:THIS_FILE": json.encode({{"whls": ["{1}"], "patch_strip": 1}})}})
# The second part gives RECORD the new hash and size of that file. Releases of rules_python that
# write RECORD anew warn where this changes it; others keep it, and without that part it would no
# longer fit. The version stays: only the file name of the wheel that they make gets `+patched`.
)";

/// Bazel's own patch (4.2.3) reads UTF-8, and ends each line by "\n", the last one too.
constexpr std::string_view kBazelChanges =
    "# Caution: Bazel changes the encoding or line ends of this module, and RECORD will not fit "
    "it.\n"
    "# `spokeshave preload --write` makes the wheel as it should be.\n";

bool is_changed_by_bazel(std::string_view text) {
  return text.find('\r') != text.npos || !(text.empty() || text.ends_with('\n')) ||
         !wheel::is_utf8(text);
}

/// As git writes a name (quote.c): quoted where a letter of it would end or change it.
std::string diff_name(const std::string& name) {
  std::string quoted = "\"";
  bool is_plain = true;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    is_plain = is_plain && byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
    if (c == '"' || c == '\\')
      quoted += fmt::format("\\{}", c);
    else if (byte < 0x20 || byte >= 0x7f)
      quoted += fmt::format("\\{:03o}", byte);
    else
      quoted += c;
  }
  return is_plain ? name : quoted + '"';
}

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

/// One hunk with three lines of context, from the first line that differs to the last; nothing
/// where none does.
std::string file_diff(const std::string& path, std::string_view before, std::string_view after) {
  if (before == after) return "";
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
  // Behind a name with spaces git puts a tab, where a time would stand.
  const std::string end = path.find(' ') == path.npos ? "\n" : "\t\n";
  // Without git's line Bazel (4.2.3) takes the next file's `---` for a line of the hunk before it.
  return fmt::format("diff --git {} {}\n", diff_name("a/" + path), diff_name("b/" + path)) +
         "--- " + diff_name("a/" + path) + end + "+++ " + diff_name("b/" + path) + end +
         fmt::format("@@ -{} +{} @@\n", hunk_range(begin, old_end + behind),
                     hunk_range(begin, new_end + behind)) +
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

/// The package as text of a comment: ASCII, on one line.
std::string shown(std::string_view package) {
  const std::string literal = python_literal(package);
  return literal.substr(1, literal.size() - 2);
}

/// `a.b` as `a_b`, for the name of a module.
std::string in_module_name(std::string_view package) {
  std::string name(package);
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return kIdentifierLetters.find(c) == kIdentifierLetters.npos; }, '_');
  return name;
}

std::vector<std::string> file_names(const wheel::WheelFile& wheel) {
  std::vector<std::string> names;
  for (const auto& member : wheel.archive.members())
    if (!member.is_folder()) names.push_back(member.name);
  return names;
}

}  // namespace

std::string preload_sitecustomize(const std::vector<PreloadLibrary>& libraries,
                                  std::string_view package) {
  return fmt::format(fmt::runtime(kSitecustomizeHead), shown(package), in_module_name(package)) +
         fmt::format("{}\n\n{}_spokeshave_serve(\n    {},\n    _spokeshave_preload,\n    {},\n)\n",
                     preload_function(), kFinder, python_literal(package),
                     preload_literal(libraries, "    "));
}

std::string preload_diff(const wheel::WheelFile& wheel, std::string_view init_path,
                         std::string_view block) {
  const std::string path = preload_module(wheel, init_path, file_names(wheel));
  const std::string record_path = wheel.dist_info + "/RECORD";
  const std::string before = checked_text(wheel, *wheel.archive.find(path));
  const std::string after = with_preload_block_in(path, before, block);
  const std::string record = checked_text(wheel, *wheel.archive.find(record_path));
  const std::string hunks = file_diff(path, before, after) +
                            file_diff(record_path, record, record_with(record, path, after));
  if (hunks.empty())
    throw Failure(ExitCode::kFound, fmt::format("`{}` needs no patch", path),
                  "it has this very block already", "use the wheel as it is");
  return fmt::format(fmt::runtime(kDiffHead), diff_name(path), wheel::to_string(wheel.filename)) +
         std::string(is_changed_by_bazel(before) ? kBazelChanges : "") + hunks;
}

}  // namespace spokeshave
