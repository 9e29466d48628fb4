#pragma once

#include <string>

#include "src/style.h"
#include "src/symbol_survey.h"

// A survey of symbols in words for the user. No other thread may run: names are demangled
// (src/demangle.h).
namespace spokeshave {

/// Which edges are to be listed symbol by symbol: GLOBs over the libraries' paths as installed, or
/// over file names where there is no `/` in it.
struct EdgeGlobs {
  std::string from;
  std::string to;
};

/// `FROM:TO`. Throws Failure with ExitCode::kUsage for anything else.
EdgeGlobs parse_edge(const std::string& text);

/// One line an edge, under the library that it leads from; then edges that nothing declares,
/// symbols that nobody brings, and libraries that could not be read. At most 80 columns but for
/// long names.
std::string symbol_table(const SymbolSurvey& survey, const Style& style);

/// The symbols that cross the edges, demangled, in alphabetical order. Throws Failure with
/// ExitCode::kUsage where one of the globs matches no library.
std::string symbol_list(const SymbolSurvey& survey, const EdgeGlobs& edges, const Style& style);

/// The text of one JSON object, to be put into a document; libraries are numbers in the order of
/// the set:
///   "crossings": [{"from": 3, "to": 0, "count": 12, "declared": "directly" | "indirectly" |
///   "no"}],
///     and "symbols": [SYMBOL...] in those that `listed` names, unless it is null, and in those
///     that are not declared
///   "missing": [{"library": 3, "symbols": [SYMBOL...]}]: nobody brings them
///   "elsewhere": [{"library": 3, "may_come_from": ["libcuda.so.1"], "symbols": [SYMBOL...]}]
///   "not_looked_into": ["libcuda.so.1"]
///   "unread": [{"library": 5, "why": "..."}]
///   "from_system": 100, "from_python": 10: how many symbols
/// SYMBOL is {"name", "demangled", "version", "version_file"}, the last two null where there is
/// none. Throws as symbol_list().
std::string symbol_json(const SymbolSurvey& survey, const EdgeGlobs* listed);

}  // namespace spokeshave
