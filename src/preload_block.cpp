#include "src/preload_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "src/failure.h"
#include "src/python_encoding.h"
#include "src/python_lexer.h"
#include "src/python_literal.h"
#include "src/python_source.h"

namespace spokeshave {
namespace {

constexpr std::string_view kBeginMarker = "# >>> spokeshave preload >>>";
constexpr std::string_view kEndMarker = "# <<< spokeshave preload <<<";

constexpr std::string_view kNotice =
    "# Loads native libraries, each after those that it needs, before any code below needs them.\n"
    "# Written by spokeshave, which replaces all lines between the two markers. The environment\n"
    "# variable SPOKESHAVE_PRELOAD=verbose shows each step, SPOKESHAVE_PRELOAD=off skips them "
    "all.\n";

// Python 3.7 and up, ASCII. It imports nothing at the module's level and leaves no name behind.
// ctypes comes last: it costs more than all the rest, and a run that stops before needs it not.
// `file`, the module's own where it has one, lies `levels` folders below the folder that its wheel
// is installed into. That folder goes before sys.path: there an RPATH with $ORIGIN would look too.
//
// The loader's words: glibc names what it could not find before the first colon, bare, where every
// other error names the file at fault by its path; musl says it in words of its own. What follows
// the colon may be translated, so nothing is compared with it.
constexpr std::string_view kFunction =
    R"py(def _spokeshave_preload(package, file, levels, libraries):
    import os
    import sys

    mode = os.environ.get("SPOKESHAVE_PRELOAD")
    if mode == "off" or not libraries or sys.platform != "linux":
        return

    def tell(step, what):
        if mode == "verbose" and sys.stderr:
            try:
                sys.stderr.write("spokeshave preload: %s: %s %s\n" % (package, step, what))
            except (OSError, ValueError):  # full, or closed: no reason to stop an import
                pass

    def failure(what, cause, hint, path=None):
        text = "%s\n  caused by: %s\nhint: %s" % (what, cause, hint)
        return ImportError(text, name=package, path=path)

    roots = [entry for entry in sys.path if isinstance(entry, str)]
    if file:
        home = os.path.abspath(file)
        for _ in range(levels):
            home = os.path.dirname(home)
        roots.insert(0, home)
    places = {}
    wanted = {}
    for library in libraries:
        wanted.setdefault(library[0].partition("/")[0], []).append(library[0])
    for root in dict.fromkeys(entry or "." for entry in roots):
        try:
            # Most have none of the folders: one look for each, not one for each library.
            folders = [name for name in wanted if os.path.exists(root + "/" + name)]
        except ValueError:  # in Python 3.7, of what can be no file's name
            continue
        for folder in folders:
            for path in wanted[folder]:
                place = root + "/" + path
                if os.path.isfile(place):
                    tell("found", place)
                    places[path] = place
            wanted[folder] = [path for path in wanted[folder] if path not in places]
            if not wanted[folder]:
                del wanted[folder]
        if not wanted:
            break
    # Before any is loaded: a library that is passed over must not hide one that is not installed.
    for path, _, wheel, _, _ in libraries:
        if path not in places:
            wheels = dict.fromkeys(library[2] for library in libraries if library[0] not in places)
            raise failure(
                "`%s` of the wheel %s is not installed" % (os.path.basename(path), wheel),
                "no folder of sys.path has %s" % path,
                "pip install %s" % " ".join("'%s'" % name for name in wheels),
            )

    import ctypes

    ours = {library[1] for library in libraries}
    passed_over = set()
    loaded = []

    def load(place, scope):
        # A library may have been linked without naming all that it needs: what needs it brings the
        # symbols then, but is loaded later. Who has such a symbol is made visible to all instead.
        made_visible = set()
        while True:
            try:
                return ctypes.CDLL(place, scope)
            except OSError as error:
                symbol = str(error).partition(": undefined symbol: ")[2].partition(",")[0].strip()
                bearer = symbol and next((each for each in loaded if has(each, symbol)), None)
                if not bearer or bearer in made_visible:
                    raise
                made_visible.add(bearer)
                tell("made visible", "%s, which has %s" % (bearer._name, symbol))
                ctypes.CDLL(bearer._name, ctypes.RTLD_GLOBAL)

    def has(library, symbol):
        try:
            return bool(library[symbol])
        except AttributeError:
            return False

    for path, soname, wheel, needs_other_wheels, is_global in libraries:
        try:
            scope = ctypes.RTLD_GLOBAL if is_global else ctypes.RTLD_LOCAL
            loaded.append(load(places[path], scope))
        except OSError as error:
            reason = str(error)
            absent = reason.partition(":")[0]
            if absent.startswith("Error loading shared library "):
                absent = absent[len("Error loading shared library ") :]
            if "/" in absent or ".so" not in absent:
                absent = None
            # Wheels that this list knows nothing of: the code below, or the loader, sees to them.
            if absent in passed_over or (needs_other_wheels and absent and absent not in ours):
                tell("passed over", "%s, which lacks %s" % (places[path], absent))
                passed_over.add(soname)
                continue
            hint = "pip install --force-reinstall '%s'" % wheel
            if absent and absent not in ours:
                hint = "install what brings `%s`, or let the loader find it" % absent
            raise failure(
                "`%s` of the wheel %s does not load" % (os.path.basename(path), wheel),
                reason,
                hint,
                places[path],
            ) from None
        tell("loaded", places[path])
)py";

/// How many steps up from the installed file lead to the folder that its wheel is installed into.
std::ptrdiff_t levels_of(std::string_view init_path) {
  auto levels = std::count(init_path.begin(), init_path.end(), '/') + 1;
  // What lies in NAME-VERSION.data/purelib or /platlib is installed without these two folders.
  const std::string_view top = init_path.substr(0, init_path.find('/'));
  const std::string_view rest = init_path.substr(std::min(top.size(), init_path.size()));
  if (top.ends_with(".data") && (rest.starts_with("/purelib/") || rest.starts_with("/platlib/")))
    levels -= 2;
  return levels;
}

std::string with_line_ends(std::string_view text, std::string_view line_end) {
  std::string result;
  for (const char c : text) {
    if (c == '\n')
      result += line_end;
    else
      result += c;
  }
  return result;
}

bool at_line_begin(std::string_view source, std::size_t offset) {
  if (offset == 0 || source.substr(0, offset) == kUtf8Mark) return true;
  return source[offset - 1] == '\n' || source[offset - 1] == '\r';
}

/// The length of the line end that the text starts with.
std::size_t line_end_length(std::string_view text) {
  if (text.starts_with("\r\n")) return 2;
  return text.starts_with('\n') || text.starts_with('\r') ? 1 : 0;
}

struct Range {
  std::size_t begin;
  std::size_t end;
};

std::optional<std::size_t> find_end_marker(std::string_view source, std::size_t from) {
  for (auto at = source.find(kEndMarker, from); at != source.npos;
       at = source.find(kEndMarker, at + 1)) {
    const std::size_t end = at + kEndMarker.size();
    const bool whole = end == source.size() || source[end] == '\n' || source[end] == '\r';
    if (whole && at_line_begin(source, at)) return end;
  }
  return std::nullopt;
}

// with_preload_block() ends the block with a line end, unless it had to give one to the line before
// it. So a block without one takes that line's with it.
Range whole_block(std::string_view source, std::size_t begin) {
  const auto end = find_end_marker(source, begin);
  if (!end)
    throw Failure(ExitCode::kFailed, "the preload block of the Python module cannot be replaced",
                  fmt::format("`{}` has no `{}` below it", kBeginMarker, kEndMarker),
                  "take what is left of the block out by hand");
  if (*end < source.size()) return {begin, *end + line_end_length(source.substr(*end))};
  if (begin > 0 && source[begin - 1] == '\n') --begin;
  if (begin > 0 && source[begin - 1] == '\r') --begin;
  return {begin, *end};
}

/// All blocks, in order. A marker is a comment: the same words inside a string are none.
std::vector<Range> find_blocks(std::string_view source) {
  std::vector<Range> blocks;
  if (source.find(kBeginMarker) == source.npos) return blocks;  // nearly all modules
  PythonLexer lexer(source);
  for (;;) {
    const Token token = lexer.next();
    if (token.kind == TokenKind::kEnd || token.kind == TokenKind::kBroken) return blocks;
    const bool marks = token.kind == TokenKind::kComment && token.text == kBeginMarker &&
                       at_line_begin(source, token.begin);
    const bool inside = !blocks.empty() && token.begin < blocks.back().end;
    if (marks && !inside) blocks.push_back(whole_block(source, token.begin));
  }
}

}  // namespace

std::string_view preload_function() {
  return kFunction;
}

std::string preload_literal(const std::vector<PreloadLibrary>& libraries,
                            std::string_view indentation) {
  const auto word = [](bool value) { return value ? "True" : "False"; };
  std::string literal = fmt::format(
      "(\n{}    # path, SONAME, the wheel that brings it, needs libraries of yet other wheels,\n"
      "{}    # its symbols are for all\n",
      indentation, indentation);
  for (const PreloadLibrary& library : libraries)
    literal +=
        fmt::format("{}    ({}, {}, {}, {}, {}),\n", indentation, python_literal(library.path),
                    python_literal(library.soname), python_literal(library.requirement),
                    word(library.needs_other_wheels), word(library.global));
  return fmt::format("{}{})", literal, indentation);
}

std::string preload_block(const std::vector<PreloadLibrary>& libraries,
                          std::string_view init_path) {
  return fmt::format(
      "{}\n{}{}\n\n_spokeshave_preload(\n    __name__,\n    globals().get(\"__file__\"),\n"
      "    {},  # folders from this file up to where its wheel is installed\n    {},\n)\n"
      "del _spokeshave_preload\n{}",
      kBeginMarker, kNotice, preload_function(), levels_of(init_path),
      preload_literal(libraries, "    "), kEndMarker);
}

std::string with_preload_block(std::string_view source, std::string_view block) {
  std::string module = without_preload_block(source);
  const std::size_t place = first_statement_offset(module);
  std::string line_end = line_ending(module);
  // A lone "\r" would become one line end with the "\n" behind it.
  if (line_end == "\r" && module.compare(place, 1, "\n") == 0) line_end = "\n";
  const std::string lines = with_line_ends(block, line_end);
  module.insert(place, at_line_begin(module, place) ? lines + line_end : line_end + lines);
  return module;
}

std::string without_preload_block(std::string_view source) {
  std::string module;
  std::size_t kept = 0;
  for (const Range& block : find_blocks(source)) {
    module += source.substr(kept, block.begin - kept);
    kept = block.end;
  }
  return module += source.substr(kept);
}

}  // namespace spokeshave
