#include "src/inspect_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "elf/symbol_listing.h"
#include "src/graph_dot.h"
#include "src/graph_page.h"
#include "src/graph_tree.h"
#include "src/graphviz.h"
#include "src/inspect_json.h"
#include "src/inspect_report.h"
#include "src/inspection.h"
#include "src/open_wheel.h"
#include "src/symbol_output.h"
#include "src/symbol_survey.h"
#include "src/talk.h"
#include "src/text_file.h"
#include "src/wheel_outline.h"

namespace spokeshave {

namespace {

/// The wheels, open, and what is in them.
struct Read {
  std::vector<wheel::WheelFile> files;
  std::vector<InspectedWheel> wheels;
};

InspectedWheel describe(const std::string& path, const wheel::WheelFile& wheel,
                        const WheelOutline& about, Inventory&& inventory) {
  return {std::filesystem::path(path).filename().string(),
          about.name,
          about.version,
          about.filename.platform_tag,
          wheel.archive.file_size(),
          about.requirements,
          std::move(inventory)};
}

std::vector<WheelOutline> outlines_of(const InspectOptions& options,
                                      const std::vector<wheel::WheelFile>& files) {
  std::vector<WheelOutline> outlines;
  for (std::size_t i = 0; i < files.size(); ++i) {
    try {
      outlines.push_back(outline(files[i]));
    } catch (const wheel::Error& error) {
      throw unreadable(options.wheels[i], error);
    }
  }
  return outlines;
}

/// Neither would be told before everything was read.
void check(const InspectOptions& options, const std::vector<WheelOutline>& outlines) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < outlines.size(); ++i) {
    const std::string& path = options.wheels[i];
    std::error_code ignored;
    if (!options.output.empty() && std::filesystem::equivalent(path, options.output, ignored)) {
      throw Failure(ExitCode::kUsage, fmt::format("--output is the wheel `{}` itself", path),
                    "what is written there would take its place", "choose another file");
    }
    names.push_back(outlines[i].name);
  }
  refuse_same_distribution(options.wheels, names, "look at them one at a time");
}

Read read_wheels(const InspectOptions& options, Progress& progress) {
  Read read;
  std::vector<const wheel::WheelFile*> pointers;
  read.files.reserve(options.wheels.size());
  for (const auto& path : options.wheels) {
    read.files.push_back(open_wheel(path));
    pointers.push_back(&read.files.back());
  }
  const std::vector<WheelOutline> outlines = outlines_of(options, read.files);
  check(options, outlines);
  try {
    auto inventories = take_inventories(pointers, options.talk.jobs, progress);
    refuse_damaged_members(inventories);
    for (std::size_t i = 0; i < read.files.size(); ++i) {
      read.wheels.push_back(
          describe(options.wheels[i], read.files[i], outlines[i], std::move(inventories[i])));
    }
  } catch (const UnreadableMember& error) {
    throw unreadable(options.wheels[error.wheel()], error);
  }
  return read;
}

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
  Read read = read_wheels(options, progress);
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
