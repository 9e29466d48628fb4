#include "src/inspect_command.h"

#include <algorithm>
#include <optional>

#include "elf/symbol_listing.h"
#include "src/graph_dot.h"
#include "src/graph_page.h"
#include "src/graph_tree.h"
#include "src/graphviz.h"
#include "src/inspect_json.h"
#include "src/inspect_report.h"
#include "src/inspection.h"
#include "src/read_wheels.h"
#include "src/symbol_output.h"
#include "src/symbol_survey.h"
#include "src/talk.h"
#include "src/text_file.h"

namespace spokeshave {

namespace {

/// Nothing where nobody asked for symbols.
std::optional<SymbolSurvey> survey(const Inspection& inspection,
                                   const std::vector<wheel::WheelFile>& files,
                                   const InspectOptions& options, Progress& progress) {
  if (!options.symbols) {
    return std::nullopt;
  }
  std::vector<SurveyedLibrary> set;
  for (const auto& entry : inspection.libraries) {
    set.push_back({&files[entry.wheel].archive, entry.library});
  }
  return survey_symbols(set, inspection.graph, progress);
}

std::string report(const Inspection& inspection, const std::optional<SymbolSurvey>& symbols,
                   const InspectOptions& options) {
  const Style style = options.output.empty() ? output_style(options.talk)
                                             : Style(options.talk.color == Color::kAlways);
  if (symbols && options.symbols_of) {
    return symbol_list(*symbols, *options.symbols_of, style);
  }
  std::string text = wheel_summary(inspection, style) + "\n";
  text += options.graph ? graph_tree(inspection, style) : library_table(inspection, style);
  if (symbols) {
    text += "\n" + symbol_table(*symbols, style);
  }
  return text + finding_list(inspection, style);
}

std::string json(const Inspection& inspection, const std::optional<SymbolSurvey>& symbols,
                 const InspectOptions& options) {
  const EdgeGlobs* listed = options.symbols_of ? &*options.symbols_of : nullptr;
  return inspection_json(inspection, symbols ? symbol_json(*symbols, listed) : std::string());
}

std::string render(const Inspection& inspection, const std::optional<SymbolSurvey>& symbols,
                   const InspectOptions& options) {
  if (options.talk.json) {
    return json(inspection, symbols, options);
  }
  switch (options.graph.value_or(GraphFormat::kTree)) {
    case GraphFormat::kJson:
      return json(inspection, symbols, options);
    case GraphFormat::kDot:
      return graph_dot(inspection);
    case GraphFormat::kSvg:
      return graphviz_svg(graph_dot(inspection));
    case GraphFormat::kHtml:
      return graph_page(inspection_json(inspection), graphviz_svg(graph_dot(inspection)));
    case GraphFormat::kTree:
      break;
  }
  return report(inspection, symbols, options);
}

/// A report that --quiet leaves out; a document, a picture or a file was asked for as such.
bool is_mere_talk(const InspectOptions& options) {
  return options.talk.quiet && !options.talk.json && options.output.empty() &&
         !options.symbols_of && options.graph.value_or(GraphFormat::kTree) == GraphFormat::kTree;
}

bool has_problem(const Inspection& inspection) {
  return std::any_of(inspection.findings.begin(), inspection.findings.end(),
                     [](const Finding& finding) { return is_problem(finding.kind); });
}

/// Symbols that nobody brings for certain, or a library whose symbols cannot be read.
bool has_problem(const SymbolSurvey& symbols) {
  return !symbols.unread.empty() ||
         std::any_of(symbols.report.unprovided.begin(), symbols.report.unprovided.end(),
                     [](const Unprovided& missing) { return missing.may_come_from.empty(); });
}

void write_out(const std::string& path, const std::string& text) {
  if (path.empty()) {
    print(text);
  } else {
    write_text_file(path, text);
  }
}

}  // namespace

ExitCode run_inspect(const InspectOptions& options) {
  if (options.symbols && !elf::can_list_symbols()) {
    throw Failure(ExitCode::kUsage, "--symbols is not in this build",
                  "LIEF, which reads them, was not there",
                  "run scripts/setup, which builds it, and build again");
  }
  Progress progress(wants_progress(options.talk));
  ReadWheels read = read_wheels(options.wheels, options.output, "look at them one at a time",
                                options.talk.jobs, progress);
  const Inspection inspection = inspect(std::move(read.wheels), options.layout);
  const auto symbols = survey(inspection, read.files, options, progress);
  progress.clear();
  if (!is_mere_talk(options)) {
    write_out(options.output, render(inspection, symbols, options));
  }
  const bool listed_only = options.symbols_of.has_value();  // the findings are not shown
  const bool found =
      (!listed_only && has_problem(inspection)) || (symbols && has_problem(*symbols));
  return found ? ExitCode::kFound : ExitCode::kDone;
}

}  // namespace spokeshave
