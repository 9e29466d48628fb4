#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/inventory.h"
#include "src/need_graph.h"
#include "src/progress.h"
#include "src/symbol_report.h"
#include "wheel/archive.h"

namespace spokeshave {

/// A library of the set, and the wheel that it is read from.
struct SurveyedLibrary {
  const wheel::Archive* archive = nullptr;
  const Library* library = nullptr;
};

/// A library whose symbols could not be read.
struct UnreadSymbols {
  std::size_t library = 0;
  std::string why;  ///< one line, no full stop
};

/// The symbols of a set of libraries, and what follows from them. Moving it keeps the listings
/// where they are.
struct SymbolSurvey {
  std::vector<std::unique_ptr<elf::SymbolListing>> listings;  ///< as the set; null: not read
  std::vector<SymbolLibrary> libraries;                       ///< as the set
  std::vector<SystemLibrary> system;
  std::vector<UnreadSymbols> unread;  ///< ascending
  SymbolReport report;
};

/// Reads the symbols of every library of the set, one after the other, and of those libraries of
/// the system that the set needs and this machine has. `graph` is that of the set. No other thread
/// may run (read_in_child()). Throws std::system_error where no child can be started.
SymbolSurvey survey_symbols(const std::vector<SurveyedLibrary>& set, const NeedGraph& graph,
                            Progress& progress);

}  // namespace spokeshave
