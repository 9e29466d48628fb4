#include "src/inspect_command.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "src/graph_dot.h"
#include "src/graph_page.h"
#include "src/graph_tree.h"
#include "src/graphviz.h"
#include "src/inspect_json.h"
#include "src/inspect_report.h"
#include "src/inspection.h"
#include "src/open_wheel.h"
#include "src/talk.h"
#include "src/wheel_outline.h"

namespace spokeshave {

namespace {

InspectedWheel describe(const std::string& path, const wheel::WheelFile& wheel,
                        Inventory&& inventory) {
  const WheelOutline about = outline(wheel);
  return {std::filesystem::path(path).filename().string(),
          about.name,
          about.version,
          about.filename.platform_tag,
          wheel.archive.file_size(),
          about.requirements,
          std::move(inventory)};
}

std::vector<InspectedWheel> read_wheels(const InspectOptions& options) {
  std::vector<wheel::WheelFile> files;
  std::vector<const wheel::WheelFile*> pointers;
  files.reserve(options.wheels.size());
  for (const auto& path : options.wheels) {
    files.push_back(open_wheel(path));
    pointers.push_back(&files.back());
  }
  Progress progress(wants_progress(options.talk));
  std::size_t at = 0;  // the wheel that an error is about
  try {
    auto inventories = take_inventories(pointers, options.talk.jobs, progress);
    std::vector<InspectedWheel> wheels;
    for (; at < files.size(); ++at) {
      wheels.push_back(describe(options.wheels[at], files[at], std::move(inventories[at])));
    }
    return wheels;
  } catch (const UnreadableMember& error) {
    throw unreadable(options.wheels[error.wheel()], error);
  } catch (const wheel::Error& error) {
    throw unreadable(options.wheels[at], error);
  }
}

std::string report(const Inspection& inspection, const InspectOptions& options) {
  const Style style = options.output.empty() ? output_style(options.talk) : Style(false);
  return wheel_summary(inspection, style) + "\n" +
         (options.graph ? graph_tree(inspection, style) : library_table(inspection, style)) +
         finding_list(inspection, style);
}

std::string render(const Inspection& inspection, const InspectOptions& options) {
  if (options.talk.json || options.graph == GraphFormat::kJson) {
    return inspection_json(inspection);
  }
  switch (options.graph.value_or(GraphFormat::kTree)) {
    case GraphFormat::kDot:
      return graph_dot(inspection);
    case GraphFormat::kSvg:
      return graphviz_svg(graph_dot(inspection));
    case GraphFormat::kHtml:
      return graph_page(inspection_json(inspection), graphviz_svg(graph_dot(inspection)));
    case GraphFormat::kTree:
    case GraphFormat::kJson:
      break;
  }
  return report(inspection, options);
}

void write_out(const std::string& path, const std::string& text) {
  if (path.empty()) {
    print(text);
    return;
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    throw std::system_error(errno, std::generic_category(), path);
  }
}

}  // namespace

ExitCode run_inspect(const InspectOptions& options) {
  const Inspection inspection = inspect(read_wheels(options), options.layout);
  write_out(options.output, render(inspection, options));
  const bool found = std::any_of(inspection.findings.begin(), inspection.findings.end(),
                                 [](const Finding& finding) { return is_problem(finding.kind); });
  return found ? ExitCode::kFound : ExitCode::kDone;
}

}  // namespace spokeshave
