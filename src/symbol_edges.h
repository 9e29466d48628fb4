#pragma once

#include <string>
#include <vector>

#include "src/symbol_output.h"

namespace spokeshave {

/// A symbol as it is shown.
struct ShownSymbol {
  std::string name;
  std::string demangled;  ///< `name` where it is not mangled
  std::string version;    ///< empty: none
  std::string version_file;
};

/// Imports of one library, by their indices, in alphabetical order of what is shown.
std::vector<ShownSymbol> show_symbols(const SymbolSurvey& survey, std::size_t library,
                                      const std::vector<std::uint32_t>& symbols);

/// The crossings of the survey that `edges` name, in its order. Throws Failure with
/// ExitCode::kUsage where one of the globs matches no library.
std::vector<const Crossing*> matching_crossings(const SymbolSurvey& survey, const EdgeGlobs& edges);

}  // namespace spokeshave
