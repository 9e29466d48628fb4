#include "src/symbol_edges.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "src/demangle.h"
#include "src/failure.h"
#include "src/glob.h"
#include "src/nearest.h"

namespace spokeshave {

namespace {

/// By library: whether the glob matches it.
std::vector<bool> matches_of(const SymbolSurvey& survey, const std::string& glob) {
  std::vector<bool> matches;
  for (const auto& library : survey.libraries) matches.push_back(glob_matches(glob, library.path));
  if (std::find(matches.begin(), matches.end(), true) != matches.end()) return matches;
  std::vector<std::string> names;
  for (const auto& library : survey.libraries) {
    names.emplace_back(glob.find('/') == std::string::npos ? file_name(library.path)
                                                           : library.path);
  }
  throw Failure(ExitCode::kUsage, fmt::format("--symbols: `{}` matches no library", glob),
                "a GLOB without `/` is compared with file names, one with `/` with whole paths",
                did_you_mean(glob, names, "spokeshave inspect WHEEL lists the libraries"));
}

}  // namespace

EdgeGlobs parse_edge(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size() ||
      text.find(':', colon + 1) != std::string::npos) {
    throw Failure(ExitCode::kUsage, fmt::format("--symbols: `{}` is not FROM:TO", text),
                  "FROM and TO are GLOBs that match libraries, with one colon between them",
                  "for example --symbols='libtorch_cuda.so:libcudnn*'");
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::vector<ShownSymbol> show_symbols(const SymbolSurvey& survey, std::size_t library,
                                      const std::vector<std::uint32_t>& symbols) {
  const elf::SymbolListing& listing = *survey.libraries[library].listing;
  std::vector<std::string> names;
  names.reserve(symbols.size());
  for (const std::uint32_t symbol : symbols) {
    names.emplace_back(listing.name(listing.imports()[symbol]));
  }
  const std::vector<std::string> readable = demangled(names);
  std::vector<ShownSymbol> shown;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const elf::SymbolVersion* version = listing.version(listing.imports()[symbols[i]]);
    shown.push_back({names[i], readable[i], version == nullptr ? "" : version->name,
                     version == nullptr ? "" : version->file});
  }
  std::sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) {
    return std::tie(a.demangled, a.name, a.version) < std::tie(b.demangled, b.name, b.version);
  });
  return shown;
}

std::vector<const Crossing*> matching_crossings(const SymbolSurvey& survey,
                                                const EdgeGlobs& edges) {
  const auto from = matches_of(survey, edges.from);
  const auto to = matches_of(survey, edges.to);
  std::vector<const Crossing*> matching;
  for (const auto& crossing : survey.report.crossings) {
    if (from[crossing.from] && to[crossing.to]) matching.push_back(&crossing);
  }
  return matching;
}

}  // namespace spokeshave
