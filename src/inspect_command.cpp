#include "src/inspect_command.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "src/graph_output.h"
#include "src/inventory.h"
#include "src/need_graph.h"
#include "src/open_wheel.h"
#include "src/size.h"
#include "src/talk.h"

namespace spokeshave {

namespace {

/// One wheel that was looked at; its libraries live here.
struct Inspected {
  std::string file_name;
  std::uint64_t packed_bytes = 0;
  Inventory inventory;
};

Inspected inspect(const std::string& path, unsigned jobs, Progress& progress) {
  const wheel::WheelFile wheel = open_wheel(path);
  try {
    return {std::filesystem::path(path).filename().string(), wheel.archive.file_size(),
            take_inventory(wheel, jobs, progress)};
  } catch (const wheel::Error& error) {
    throw unreadable(path, error);
  }
}

std::vector<GraphLibrary> all_libraries(const std::vector<Inspected>& wheels) {
  std::vector<GraphLibrary> libraries;
  for (const auto& wheel : wheels) {
    for (const auto& library : wheel.inventory.libraries) {
      libraries.push_back({&library, wheel.file_name});
    }
  }
  return libraries;
}

NeedGraph graph_of(const std::vector<GraphLibrary>& libraries) {
  std::vector<elf::InstalledLibrary> set;
  std::vector<const std::set<std::string>*> mentions;
  for (const auto& entry : libraries) {
    set.push_back(elf::installed(location(Layout::kSitePackages, 0, entry.library->installed_path),
                                 entry.library->image));
    mentions.push_back(&entry.library->mentions);
  }
  return find_needs(set, mentions);
}

std::string summary(const std::vector<Inspected>& wheels, const Style& style) {
  std::string text;
  for (const auto& wheel : wheels) {
    text +=
        fmt::format("{}\n  {} packed, {} installed, {} libraries\n",
                    style.bold(printable(wheel.file_name)), format_size(wheel.packed_bytes),
                    format_size(wheel.inventory.installed_bytes), wheel.inventory.libraries.size());
  }
  return text + "\n";
}

std::string render(const InspectOptions& options, const std::vector<Inspected>& wheels,
                   const std::vector<GraphLibrary>& libraries, const NeedGraph& graph) {
  const Style style = options.output.empty() ? output_style(options.talk) : Style(false);
  if (options.talk.json || options.graph == GraphFormat::kJson) {
    return graph_json(libraries, graph);
  }
  if (options.graph == GraphFormat::kDot) {
    return graph_dot(libraries, graph);
  }
  return summary(wheels, style) +
         (options.graph ? graph_tree(libraries, graph, style) : library_table(libraries, style));
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
  Progress progress(wants_progress(options.talk));
  std::vector<Inspected> wheels;
  for (const auto& path : options.wheels) {
    wheels.push_back(inspect(path, options.talk.jobs, progress));
  }
  const auto libraries = all_libraries(wheels);
  const NeedGraph graph = graph_of(libraries);
  progress.clear();
  write_out(options.output, render(options, wheels, libraries, graph));
  return graph.unmet.empty() ? ExitCode::kDone : ExitCode::kFound;
}

}  // namespace spokeshave
