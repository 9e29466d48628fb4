#include "src/symbol_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "src/failure.h"
#include "src/glob.h"
#include "src/symbol_edges.h"

namespace spokeshave {

namespace {

constexpr std::size_t kMostShown = 5;  // symbols of one library or edge in the table

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

const char* words_of(Declared declared) {
  switch (declared) {
    case Declared::kDirectly:
      return "";
    case Declared::kIndirectly:
      return "through what it needs";
    case Declared::kNot:
      return "NOT DECLARED";
  }
  return "";
}

std::string line_of(const ShownSymbol& symbol) {
  return printable(symbol.demangled +
                   (symbol.version.empty() ? std::string() : "@" + symbol.version));
}

/// Both on one line, or `name` on the next one where that is too short.
std::string joined(const std::string& words, const std::string& name) {
  return columns(words) + 1 + columns(name) <= kColumns
             ? words + " " + name
             : words + "\n" + indented(name, 4, kColumns);
}

class Table {
 public:
  Table(const SymbolSurvey& survey, const Style& style) : survey_(survey), style_(style) {}

  std::string draw() {
    add_crossings();
    add_undeclared();
    add_missing();
    add_elsewhere();
    add_unread();
    return std::move(text_);
  }

 private:
  void add_crossings() {
    heading("symbols that cross from library to library", "");
    for (const auto& crossing : survey_.report.crossings) {
      name_once(crossing.from);
      add_edge(crossing);
    }
    text_ += fmt::format("{} of the system, {} of the Python interpreter\n",
                         counted(survey_.report.from_system, "symbol"), survey_.report.from_python);
  }

  void add_edge(const Crossing& crossing) {
    const std::string name = path(crossing.to);
    const std::string words = words_of(crossing.declared);
    const std::string count = fmt::format("{:>8}  ", crossing.symbols.size());
    const bool fits = count.size() + columns(name) <= kColumns;
    text_ += fits ? count + name : count.substr(0, 8) + "\n" + indented(name, 10, kColumns);
    if (!words.empty()) {
      const std::size_t room = kColumns - words.size();
      const std::size_t used = count.size() + columns(name);
      text_ += used + 2 <= room ? std::string(room - used, ' ') : "\n" + std::string(room, ' ');
      text_ += crossing.declared == Declared::kNot ? style_.red(words) : style_.dim(words);
    }
    text_ += "\n";
  }

  void add_undeclared() {
    const auto& crossings = survey_.report.crossings;
    const bool any = std::any_of(crossings.begin(), crossings.end(), [](const auto& crossing) {
      return crossing.declared == Declared::kNot;
    });
    if (!any) return;
    heading("edges that no NEEDED declares",
            "they hold only while something else has loaded the library before, and break when it "
            "moves");
    for (const auto& crossing : crossings) {
      if (crossing.declared != Declared::kNot) continue;
      name_once(crossing.from);
      text_ += joined("  takes from", path(crossing.to)) + "\n";
      add_symbols(crossing.from, crossing.symbols);
    }
  }

  void add_missing() {
    bool headed = false;
    for (const auto& unprovided : survey_.report.unprovided) {
      if (!unprovided.may_come_from.empty()) continue;
      if (!headed) {
        heading("symbols that nobody brings", "neither a library here nor the system has them");
      }
      headed = true;
      name_once(unprovided.library);
      add_symbols(unprovided.library, unprovided.symbols);
    }
  }

  void add_elsewhere() {
    bool headed = false;
    for (const auto& unprovided : survey_.report.unprovided) {
      if (unprovided.may_come_from.empty()) continue;
      if (!headed) heading("symbols of libraries that are not here", "");
      headed = true;
      std::string names;
      for (const auto& name : unprovided.may_come_from) {
        names += (names.empty() ? "" : " or ") + printable(name);
      }
      name_once(unprovided.library);
      const std::string words = "may come from " + names;
      text_ += fmt::format("{:>8}  {}\n", unprovided.symbols.size(),
                           wrapped(words, kColumns - 10, "          "));
    }
  }

  void add_unread() {
    if (survey_.unread.empty()) return;
    heading("libraries whose symbols could not be read", "");
    for (const auto& unread : survey_.unread) {
      text_ += fmt::format("{}\n  {}\n", path(unread.library),
                           wrapped(printable(unread.why), kColumns - 2, "  "));
    }
  }

  void add_symbols(std::size_t library, const std::vector<std::uint32_t>& symbols) {
    const auto shown = show_symbols(survey_, library, symbols);
    for (std::size_t i = 0; i < std::min(kMostShown, shown.size()); ++i) {
      text_ += indented(line_of(shown[i]), 4, kColumns) + "\n";
    }
    if (shown.size() > kMostShown) {
      text_ += fmt::format("    and {} more; --json lists all\n", shown.size() - kMostShown);
    }
  }

  void heading(const std::string& words, const std::string& consequence) {
    if (!text_.empty()) text_ += "\n";
    text_ += style_.bold(words) + "\n";
    named_.reset();
    if (!consequence.empty()) {
      text_ += style_.dim(wrapped("(" + consequence + ")", kColumns, " ")) + "\n";
    }
  }

  /// A line with the library that the next lines are about, unless it stands above them already.
  void name_once(std::size_t library) {
    if (named_ != library) text_ += style_.bold(path(library)) + "\n";
    named_ = library;
  }

  std::string path(std::size_t library) const { return printable(survey_.libraries[library].path); }

  const SymbolSurvey& survey_;
  const Style& style_;
  std::string text_;
  std::optional<std::size_t> named_;
};

/// Two lines, or more where the paths leave no room.
std::string heading_of(const SymbolSurvey& survey, const Crossing& crossing, std::size_t count,
                       const Style& style) {
  const std::string from = printable(survey.libraries[crossing.from].path);
  const std::string to = printable(survey.libraries[crossing.to].path);
  const std::string takes = fmt::format("takes {} from", counted(count, "symbol"));
  const std::string declared = words_of(crossing.declared);
  const auto gap = [](std::size_t taken) { return taken + 1 <= kColumns ? " " : "\n  "; };
  std::string text = style.bold(from) + gap(columns(from) + takes.size()) + style.bold(takes);
  text += "\n" + style.bold(to);
  if (!declared.empty()) text += gap(columns(to) + declared.size() + 2) + ("(" + declared + ")");
  return text + "\n";
}

}  // namespace

std::string symbol_table(const SymbolSurvey& survey, const Style& style) {
  return Table(survey, style).draw();
}

std::string symbol_list(const SymbolSurvey& survey, const EdgeGlobs& edges, const Style& style) {
  std::string text;
  for (const Crossing* crossing : matching_crossings(survey, edges)) {
    const auto shown = show_symbols(survey, crossing->from, crossing->symbols);
    text += text.empty() ? "" : "\n";
    text += heading_of(survey, *crossing, shown.size(), style);
    for (const auto& symbol : shown) text += indented(line_of(symbol), 2, kColumns) + "\n";
  }
  return text.empty() ? fmt::format("no symbol crosses from {} to {}\n", printable(edges.from),
                                    printable(edges.to))
                      : text;
}

}  // namespace spokeshave
