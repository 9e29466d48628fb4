#include "src/symbol_survey.h"

#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "src/glob.h"
#include "src/symbol_reader.h"
#include "src/system_libraries.h"
#include "src/system_symbols.h"

namespace spokeshave {

namespace {

void read_set(const std::vector<SurveyedLibrary>& set, Progress& progress, SymbolSurvey& survey) {
  std::uint64_t total = 0;
  for (const auto& entry : set) total += entry.library->size;
  progress.phase("reading symbols", total);
  for (std::size_t i = 0; i < set.size(); ++i) {
    SymbolReading reading = read_symbols(*set[i].archive, *set[i].library);
    auto* listing = std::get_if<elf::SymbolListing>(&reading);
    survey.listings.push_back(
        listing == nullptr ? nullptr : std::make_unique<elf::SymbolListing>(std::move(*listing)));
    if (listing == nullptr) survey.unread.push_back({i, std::get<std::string>(reading)});
    survey.libraries.push_back({.path = set[i].library->installed_path,
                                .listing = survey.listings.back().get(),
                                .is_program = set[i].library->image.is_executable()});
    progress.advance(set[i].library->size);
  }
}

/// By the names that a library goes by, its SONAME and its file name, the first one that does.
std::unordered_map<std::string_view, std::size_t> names_of(
    const std::vector<SurveyedLibrary>& set) {
  std::unordered_map<std::string_view, std::size_t> names;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const Library& library = *set[i].library;
    names.emplace(file_name(library.installed_path), i);
    if (library.image.soname) names.emplace(*library.image.soname, i);
  }
  return names;
}

/// In the order of DT_NEEDED, and only that: what a library opens with dlopen it asks for symbols
/// by dlsym. That a need would not be found where the library lies makes it no less declared: it
/// leads to the library that goes by its name.
void add_needs(const std::vector<SurveyedLibrary>& set, const NeedGraph& graph,
               std::vector<SymbolLibrary>& libraries) {
  std::vector<std::map<std::string, std::vector<std::size_t>>> met(set.size());  // empty: outside
  for (const auto& need : graph.outside) met[need.from][need.name];
  for (const auto& need : graph.needs) {
    if (!need.by_dlopen) met[need.from][need.name].push_back(need.to);
  }
  const auto names = names_of(set);
  for (std::size_t i = 0; i < set.size(); ++i) {
    for (const auto& name : set[i].library->image.needed) {
      auto [found, is_unmet] = met[i].try_emplace(name);
      if (const auto named = names.find(name); is_unmet && named != names.end()) {
        found->second.push_back(named->second);
      }
      auto& needs = libraries[i].needs;
      needs.insert(needs.end(), found->second.begin(), found->second.end());
      if (found->second.empty()) libraries[i].needs_outside.push_back(name);
    }
  }
}

WantedLibraries wanted_of_system(const std::vector<SurveyedLibrary>& set, const NeedGraph& graph) {
  WantedLibraries wanted;
  for (const auto& need : graph.outside) {
    if (is_system_library(need.name)) wanted.emplace(need.name, &set[need.from].library->image);
  }
  return wanted;
}

}  // namespace

SymbolSurvey survey_symbols(const std::vector<SurveyedLibrary>& set, const NeedGraph& graph,
                            Progress& progress) {
  SymbolSurvey survey;
  read_set(set, progress, survey);
  add_needs(set, graph, survey.libraries);
  survey.system = read_system_libraries(wanted_of_system(set, graph));
  survey.report = report_symbols(survey.libraries, survey.system);
  return survey;
}

}  // namespace spokeshave
