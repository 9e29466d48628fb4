#include "src/start_points.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "src/glob.h"
#include "src/required_wheels.h"
#include "wheel/filename.h"

namespace spokeshave {

namespace {

std::ptrdiff_t depth(std::string_view path) {
  return std::count(path.begin(), path.end(), '/');
}

bool is_package_init(const Opener& opener) {
  return file_name(opener.installed_path) == "__init__.py";
}

/// What runs first in an import: `__init__.py` files before others, outer ones before inner ones.
std::vector<const Opener*> in_order_of_import(const Inventory& inventory) {
  std::vector<const Opener*> openers;
  for (const auto& opener : inventory.openers) {
    openers.push_back(&opener);
  }
  const auto rank = [](const Opener* opener) {
    return std::tuple(!is_package_init(*opener), depth(opener->installed_path),
                      std::string_view(opener->installed_path));
  };
  std::sort(openers.begin(), openers.end(),
            [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  return openers;
}

class Planner {
 public:
  Planner(const std::vector<InspectedWheel>& wheels, std::vector<InspectedLibrary>& libraries)
      : wheels_(wheels), libraries_(libraries) {
    for (std::size_t i = 0; i < libraries.size(); ++i) {
      by_file_name_[std::string(file_name(libraries[i].library->installed_path))].push_back(i);
    }
  }

  std::vector<ProcessPlan> plan() {
    std::vector<std::vector<Openings>> imports;
    for (std::size_t wheel = 0; wheel < wheels_.size(); ++wheel) {
      imports.push_back(import_of(wheel));
    }
    std::vector<ProcessPlan> processes;
    const auto required = required_wheels(wheels_);
    for (std::size_t wheel = 0; wheel < wheels_.size(); ++wheel) {
      if (imports[wheel].empty()) {
        continue;
      }
      ProcessPlan process{LoadedBy::kImport, {}};
      for (const std::size_t other : required[wheel]) {
        process.openings.insert(process.openings.end(), imports[other].begin(),
                                imports[other].end());
      }
      processes.push_back(std::move(process));
    }
    for (std::size_t i = 0; i < libraries_.size(); ++i) {
      if (libraries_[i].library->image.is_executable()) {
        processes.push_back({LoadedBy::kProgram, {{{i}, {}}}});
      }
    }
    return processes;
  }

 private:
  std::vector<Openings> import_of(std::size_t wheel) {
    std::vector<Openings> import;
    const auto openers = in_order_of_import(wheels_[wheel].inventory);
    const auto first_module =
        std::find_if(openers.begin(), openers.end(),
                     [](const Opener* opener) { return !is_package_init(*opener); });
    for (auto opener = openers.begin(); opener != first_module; ++opener) {
      add(import, openings_of(**opener, wheel));
    }
    add(import, extension_modules(wheel));
    for (auto opener = first_module; opener != openers.end(); ++opener) {
      add(import, openings_of(**opener, wheel));
    }
    return import;
  }

  static void add(std::vector<Openings>& import, Openings&& openings) {
    if (!openings.named.empty() || !openings.searched.empty()) {
      import.push_back(std::move(openings));
    }
  }

  Openings openings_of(const Opener& opener, std::size_t wheel) {
    return {open_all(opener.opened, opener, wheel), open_all(opener.searched, opener, wheel)};
  }

  std::vector<std::size_t> open_all(const std::vector<std::string>& names, const Opener& opener,
                                    std::size_t wheel) {
    std::vector<std::size_t> opened;
    for (const auto& name : names) {
      for (const std::size_t library : meant_by(name, wheel)) {
        if (libraries_[library].library->image.is_executable()) {
          continue;
        }
        note_opener(libraries_[library].opened_by, opener.installed_path);
        opened.push_back(library);
      }
    }
    return opened;
  }

  /// A file may name one library and search for it as well.
  static void note_opener(std::vector<std::string>& openers, const std::string& path) {
    if (openers.empty() || openers.back() != path) {
      openers.push_back(path);
    }
  }

  /// The libraries of this file name: those of the wheel itself, or else all.
  std::vector<std::size_t> meant_by(const std::string& name, std::size_t wheel) const {
    const auto found = by_file_name_.find(name);
    if (found == by_file_name_.end()) {
      return {};
    }
    std::vector<std::size_t> own;
    std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(own),
                 [&](std::size_t i) { return libraries_[i].wheel == wheel; });
    return own.empty() ? found->second : own;
  }

  Openings extension_modules(std::size_t wheel) {
    Openings modules;
    for (std::size_t i = 0; i < libraries_.size(); ++i) {
      if (libraries_[i].wheel == wheel && libraries_[i].library->image.exports_python_init) {
        modules.named.push_back(i);
      }
    }
    const std::string own = wheel::normalise_name(wheels_[wheel].name);
    const auto rank = [&](std::size_t i) {
      const std::string& path = libraries_[i].library->installed_path;
      const bool is_own = wheel::normalise_name(path.substr(0, path.find('/'))) == own;
      return std::tuple(!is_own, depth(path), i);
    };
    std::sort(modules.named.begin(), modules.named.end(),
              [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });

    return modules;
  }

  const std::vector<InspectedWheel>& wheels_;
  std::vector<InspectedLibrary>& libraries_;
  std::map<std::string, std::vector<std::size_t>> by_file_name_;
};

}  // namespace

std::vector<ProcessPlan> plan_processes(const std::vector<InspectedWheel>& wheels,
                                        std::vector<InspectedLibrary>& libraries) {
  return Planner(wheels, libraries).plan();
}

}  // namespace spokeshave
