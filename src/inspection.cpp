#include "src/inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "src/failure.h"
#include "src/find_problems.h"
#include "src/glob.h"
#include "src/loading.h"
#include "src/start_points.h"
#include "src/system_libraries.h"

namespace spokeshave {

namespace {

std::vector<InspectedLibrary> all_libraries(const std::vector<InspectedWheel>& wheels) {
  std::vector<InspectedLibrary> libraries;
  for (std::size_t wheel = 0; wheel < wheels.size(); ++wheel) {
    for (const auto& library : wheels[wheel].inventory.libraries) {
      if (!is_for_the_loader(library.image)) {
        continue;
      }
      libraries.push_back({&library, wheel, {}, library.installed_path});
    }
  }
  std::map<std::string_view, std::size_t> count;
  for (const auto& entry : libraries) {
    ++count[file_name(entry.library->installed_path)];
  }
  for (auto& entry : libraries) {
    if (const auto name = file_name(entry.library->installed_path); count[name] == 1) {
      entry.shown = name;
    }
  }
  return libraries;
}

elf::LoaderKind loader_of_all(const std::vector<InspectedWheel>& wheels) {
  const bool musl = std::any_of(wheels.begin(), wheels.end(), [](const InspectedWheel& wheel) {
    return loader_of(wheel.platform_tag) == elf::LoaderKind::kMusl;
  });
  return musl ? elf::LoaderKind::kMusl : elf::LoaderKind::kGlibc;
}

}  // namespace

bool is_for_the_loader(const elf::Image& image) {
  return image.type != elf::ET_REL && image.machine != elf::EM_CUDA;
}

Inspection inspect(std::vector<InspectedWheel>&& wheels, Layout layout) {
  Inspection inspection;
  inspection.layout = layout;
  inspection.loader = loader_of_all(wheels);
  inspection.wheels = std::move(wheels);
  inspection.libraries = all_libraries(inspection.wheels);

  std::vector<elf::InstalledLibrary> set;
  Mentions mentions;
  for (const auto& entry : inspection.libraries) {
    set.push_back(elf::installed(location(layout, entry.wheel, entry.library->installed_path),
                                 entry.library->image));
    mentions.push_back(&entry.library->mentions);
  }
  const auto processes = plan_processes(inspection.wheels, inspection.libraries);
  Loading loading = simulate_loading(set, mentions, processes, inspection.loader);
  inspection.graph = std::move(loading.graph);
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    inspection.libraries[i].loaded_by = loading.loaded_by[i];
  }
  for (std::size_t k = 0; k < loading.opened.size(); ++k) {
    inspection.libraries[loading.opened[k]].start = k;
  }
  inspection.findings = find_problems(inspection, set);
  return inspection;
}

const char* kind_of(const Library& library) {
  if (library.image.exports_python_init) {
    return "extension module";
  }
  return library.image.is_executable() ? "program" : "library";
}

const char* rule_name(elf::Rule rule) {
  switch (rule) {
    case elf::Rule::kAlreadyLoaded:
      return "loaded before";
    case elf::Rule::kPath:
      return "path";
    case elf::Rule::kRpath:
      return "RPATH";
    case elf::Rule::kLdLibraryPath:
      return "LD_LIBRARY_PATH";
    case elf::Rule::kRunpath:
      return "RUNPATH";
    case elf::Rule::kSystem:
      return "system";
    case elf::Rule::kMissing:
      return "missing";
  }
  return "";
}

std::string rule_words(const Need& need, const Inspection& inspection) {
  if (need.rule == elf::Rule::kPath) {
    return "by path";
  }
  if (need.by_dlopen && !need.is_met()) {
    return "dlopen";
  }
  const bool has_path = need.rule == elf::Rule::kRpath || need.rule == elf::Rule::kRunpath;
  if (has_path && need.path_owner != need.from) {
    return fmt::format("{} of {}", rule_name(need.rule),
                       printable(inspection.libraries[need.path_owner].shown));
  }
  return rule_name(need.rule);
}

std::string wheel_words(const InspectedWheel& wheel) {
  return printable(wheel.name + " " + wheel.version);
}

std::string shown_path(const Inspection& inspection, const std::string& path) {
  for (std::size_t wheel = 0; wheel < inspection.wheels.size(); ++wheel) {
    const std::string root = location(Layout::kSeparate, wheel, "");
    if (inspection.layout == Layout::kSeparate && path.starts_with(root + "/")) {
      return printable(inspection.wheels[wheel].name + path.substr(root.size()));
    }
  }
  const std::string root = location(Layout::kSitePackages, 0, "") + "/";
  return printable(path.starts_with(root) ? path.substr(root.size()) : path);
}

const char* brought_by(const std::string& soname) {
  return is_system_library(soname)   ? "system"
         : is_driver_library(soname) ? "driver"
                                     : "another wheel";
}

}  // namespace spokeshave
