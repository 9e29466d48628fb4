#include "src/preload_entrance.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "src/failure.h"
#include "src/glob.h"
#include "src/preload_package.h"
#include "wheel/filename.h"

namespace spokeshave {

namespace {

/// `ns/_x.cpython-311-x86_64-linux-gnu.so` -> `ns._x`
std::string module_of(const std::string& path) {
  const std::string_view file = file_name(path);
  const std::string_view folder = folder_of(path);
  std::string module = folder.empty() ? "" : std::string(folder) + "/";
  module += file.substr(0, file.find('.'));
  std::replace(module.begin(), module.end(), '/', '.');
  return module;
}

/// How much of the list each package needs; those too that have code but need nothing.
std::map<std::string, std::size_t> needs_of_packages(const std::vector<Entrance>& entrances) {
  std::map<std::string, std::set<std::size_t>> loaded;
  for (const auto& entrance : entrances) {
    if (entrance.init) {
      loaded[*entrance.init].insert(entrance.loaded.begin(), entrance.loaded.end());
    }
  }
  std::map<std::string, std::size_t> counts;
  for (const auto& [init, libraries] : loaded) {
    counts[init] = libraries.size();
  }
  return counts;
}

std::string with_line(std::string_view import, std::string_view first) {
  return fmt::format(
      "`import {}` needs them too: it works only after `import {}`, unless it imports that itself",
      import, first);
}

}  // namespace

std::vector<Entrance> entrances(const Inspection& inspection, const WheelOutline& main,
                                const PreloadOrder& loader, const std::vector<std::size_t>& order) {
  const std::set<std::string> inits = package_inits(main);
  std::vector<Entrance> found;
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    const auto& entry = inspection.libraries[i];
    if (entry.wheel != 0 || entry.library->image.is_executable()) {
      continue;
    }
    std::vector<std::string> places = entry.opened_by;
    if (entry.library->image.exports_python_init || places.empty()) {
      places = {entry.library->installed_path};
    }
    std::set<std::size_t> loaded = loader.with_needs({i});
    std::erase_if(loaded, [&](std::size_t library) {
      return std::find(order.begin(), order.end(), library) == order.end();
    });
    const bool is_opened = entry.library->image.exports_python_init || !entry.opened_by.empty();
    for (const auto& place : places) {
      const auto init = init_on_the_way(inits, place);
      if (init || is_opened) {
        found.push_back({place, init, loaded});
      }
    }
  }
  return found;
}

std::string choose_entrance(const Inspection& inspection, const WheelOutline& main,
                            const std::vector<Entrance>& entrances, bool nothing_listed,
                            const PreloadRequest& request) {
  if (request.package) {
    return init_of_package(main, *request.package);
  }
  std::map<std::string, std::size_t> counts = needs_of_packages(entrances);
  const bool bare_ones_need = std::any_of(entrances.begin(), entrances.end(), [](const auto& each) {
    return !each.init && !each.loaded.empty();
  });
  if (bare_ones_need) {
    std::erase_if(counts, [](const auto& package) { return package.second == 0; });
  } else if (counts.empty() || nothing_listed) {
    const std::set<std::string> inits = package_inits(main);
    for (const auto& init : inits) {
      if (init_on_the_way(inits, init) == init) {
        counts.emplace(init, 0);
      }
    }
  }
  const std::string own = wheel::normalise_name(inspection.wheels.front().name);
  const auto rank = [&](const auto& package) {
    const auto& [init, count] = package;
    const std::string name = wheel::normalise_name(package_of(init));
    return std::tuple(count > 0 && name == own, count > 0 && own.starts_with(name + "-"), count,
                      name == own);
  };
  const auto best =
      std::max_element(counts.begin(), counts.end(),
                       [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return best == counts.end() ? std::string() : best->first;
}

std::vector<std::string> other_entrances(const std::vector<Entrance>& entrances,
                                         const std::string& init_path) {
  std::set<std::string> lines;
  const std::string first = printable(package_of(init_path));
  const std::string folder = std::string(folder_of(init_path)) + "/";
  for (const auto& entrance : entrances) {
    if (init_path.empty() || entrance.loaded.empty() || entrance.place.starts_with(folder)) {
      continue;
    }
    const bool runs_before =
        entrance.init && init_path.starts_with(std::string(folder_of(*entrance.init)) + "/");
    if (runs_before) {
      lines.insert(fmt::format(
          "`import {0}` runs before `{1}` and may open `{2}`, which needs them too: then only "
          "--package {0} helps",
          printable(package_of(*entrance.init)), first, printable(entrance.place)));
    } else if (entrance.init) {
      lines.insert(with_line(printable(package_of(*entrance.init)), first));
    } else {
      lines.insert(with_line(printable(module_of(entrance.place)), first));
    }
  }
  return {lines.begin(), lines.end()};
}

}  // namespace spokeshave
