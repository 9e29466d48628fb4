#include "src/preload_needs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "src/failure.h"
#include "src/find_problems.h"
#include "src/preload_missing.h"
#include "src/system_libraries.h"
#include "wheel/filename.h"

namespace spokeshave {

namespace {

using Key = std::pair<std::size_t, std::string>;

bool requires_wheel(const Inspection& inspection, std::size_t wheel, std::size_t other) {
  const auto& names = inspection.wheels[wheel].requirements;
  const std::string name = wheel::normalise_name(inspection.wheels[other].name);
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool bears_soname(const Inspection& inspection, std::size_t library, const std::string& name) {
  return inspection.libraries[library].library->image.soname == name;
}

std::size_t choose_bearer(const Inspection& inspection, const UnmetNeed& need) {
  const std::size_t wheel = inspection.libraries[need.from].wheel;
  const auto rank = [&](std::size_t bearer) {
    const std::size_t other = inspection.libraries[bearer].wheel;
    return std::tuple(!bears_soname(inspection, bearer, need.name), other != wheel,
                      !requires_wheel(inspection, wheel, other), bearer);
  };
  return *std::min_element(need.bearers.begin(), need.bearers.end(),
                           [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
}

void note_choice(const Inspection& inspection, const UnmetNeed& need, std::size_t chosen,
                 std::set<std::string>& notes) {
  std::set<std::string> wheels;
  for (const std::size_t bearer : need.bearers) {
    if (bears_soname(inspection, bearer, need.name)) {
      wheels.insert(printable(inspection.wheels[inspection.libraries[bearer].wheel].name));
    }
  }
  const std::size_t wheel = inspection.libraries[chosen].wheel;
  if (wheels.size() > 1 && wheel != inspection.libraries[need.from].wheel) {
    notes.insert(fmt::format(
        "several wheels have `{}`, and no path of {} leads to one: that of {} "
        "is taken, of {}",
        printable(need.name), quoted_name(inspection, need.from),
        printable(inspection.wheels[wheel].name), some_of({wheels.begin(), wheels.end()})));
  }
}

std::vector<std::size_t> opened_by_import(const Inspection& inspection) {
  std::vector<std::size_t> opened;
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    const auto& entry = inspection.libraries[i];
    if (entry.wheel == 0 && entry.start && !entry.library->image.is_executable()) {
      opened.push_back(i);
    }
  }
  std::sort(opened.begin(), opened.end(), [&](std::size_t a, std::size_t b) {
    return inspection.libraries[a].start < inspection.libraries[b].start;
  });
  return opened;
}

/// By dlopen, of another library or of Python: an extension module is found by `import`, and a
/// program is a process of its own.
bool may_be_opened(const Inspection& inspection, std::size_t library) {
  const auto& image = inspection.libraries[library].library->image;
  return !image.exports_python_init && !image.is_executable();
}

/// What its wheel's own code opens first; of other wheels nothing.
bool is_root(const InspectedLibrary& entry) {
  const auto& image = entry.library->image;
  return entry.wheel == 0 &&
         (image.exports_python_init || image.is_executable() || !entry.opened_by.empty());
}

/// The walk from the roots, and what it has come to.
class Walk {
 public:
  Walk(const Inspection& inspection, const PreloadModel& model, const PreloadOrder& order)
      : inspection_(inspection), model_(model), order_(order) {}

  PreloadNeeds run() {
    std::set<std::size_t> roots;
    for (std::size_t i = 0; i < inspection_.libraries.size(); ++i) {
      if (is_root(inspection_.libraries[i])) {
        roots.insert(i);
      }
    }
    reach(roots);
    while (true) {
      const std::size_t before = needs_.reached.size() + needs_.chosen.size();
      follow_dlopen();
      reach_what_nobody_loads();
      needs_.chosen = order_.completed(needs_.chosen, needs_.reached);
      reach(needs_.chosen);
      if (needs_.reached.size() + needs_.chosen.size() == before) {
        break;
      }
    }
    for (const auto& [library, lacks] : left_out_) {
      if (!needs_.reached.contains(library)) {
        needs_.left_out.push_back({library, lacks});
      }
    }
    return std::move(needs_);
  }

 private:
  void reach(const std::set<std::size_t>& libraries) {
    needs_.reached.merge(order_.with_needs(libraries));
    needs_.chosen.merge(order_.of_other_wheels(needs_.reached));
  }

  void follow_dlopen() {
    const auto loaded = order_.in_load_order(needs_.chosen);
    for (const auto& edge : model_.edges) {
      if (edge.by_dlopen && needs_.reached.contains(edge.from) && is_new(edge.to) &&
          (!loads_alone(edge.to) || !order_.finds(edge, loaded).value_or(true))) {
        reach_if_whole(edge.to);
      }
    }
    for (std::size_t i = 0; i < inspection_.libraries.size(); ++i) {
      if (main_wheel_opens(inspection_, i) && is_new(i) && !loads_alone(i)) {
        reach_if_whole(i);
      }
    }
  }

  bool loads_alone(std::size_t library) const {
    return order_.loads_alone(library) &&
           lacked_by(inspection_, order_.with_needs({library})).empty();
  }

  /// Plugins, and what the main wheel opens of itself by dlopen.
  void reach_what_nobody_loads() {
    for (std::size_t i = 0; i < inspection_.libraries.size(); ++i) {
      if (model_.in_main[i] && is_new(i)) {
        reach_if_whole(i);
      }
    }
  }

  bool is_new(std::size_t library) const {
    return !needs_.reached.contains(library) && may_be_opened(inspection_, library);
  }

  void reach_if_whole(std::size_t library) {
    std::set<std::size_t> more = order_.with_needs({library});
    for (const std::size_t known : needs_.reached) {
      more.erase(known);
    }
    std::set<std::string> lacks = lacked_by(inspection_, more);
    const bool is_forgotten = std::all_of(lacks.begin(), lacks.end(), [&](const std::string& name) {
      return !requirements_named_like(inspection_, name, more).empty();
    });
    if (is_forgotten) {
      reach({library});
    } else {
      left_out_.emplace(library, std::move(lacks));
    }
  }

  const Inspection& inspection_;
  const PreloadModel& model_;
  const PreloadOrder& order_;
  PreloadNeeds needs_;
  std::map<std::size_t, std::set<std::string>> left_out_;
};

}  // namespace

PreloadModel preload_model(const Inspection& inspection, std::vector<std::string>& notes) {
  PreloadModel model;
  model.loader = inspection.loader;
  for (const auto& entry : inspection.libraries) {
    model.libraries.push_back(
        elf::installed(location(Layout::kSeparate, entry.wheel, entry.library->installed_path),
                       entry.library->image));
    model.in_main.push_back(entry.wheel == 0);
  }
  model.processes.push_back(opened_by_import(inspection));
  std::set<Key> met;
  for (const auto& need : inspection.graph.needs) {
    // What the main wheel opens of itself it finds as in one folder.
    const bool crosses = !model.in_main[need.from] || !model.in_main[need.to];
    if (!need.by_dlopen || (crosses && may_be_opened(inspection, need.to))) {
      model.edges.push_back({need.from, need.to, need.name, need.by_dlopen});
    }
    met.emplace(need.from, need.name);
  }
  std::set<std::string> choices;
  for (const auto& need : inspection.graph.unmet) {
    const std::size_t bearer = choose_bearer(inspection, need);
    if (!met.contains({need.from, need.name})) {
      model.edges.push_back({need.from, bearer, need.name, false});
      note_choice(inspection, need, bearer, choices);
    }
  }
  notes.insert(notes.end(), choices.begin(), choices.end());
  return model;
}

PreloadNeeds find_preload_needs(const Inspection& inspection, const PreloadModel& model,
                                const PreloadOrder& order) {
  return Walk(inspection, model, order).run();
}

bool main_wheel_opens(const Inspection& inspection, std::size_t library) {
  const auto& openers = inspection.wheels.front().inventory.openers;
  const auto& files = inspection.libraries[library].opened_by;
  return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
    return std::any_of(openers.begin(), openers.end(),
                       [&](const Opener& opener) { return opener.installed_path == file; });
  });
}

std::set<std::string> lacked_by(const Inspection& inspection,
                                const std::set<std::size_t>& libraries) {
  std::set<std::string> names;
  for (const auto& need : inspection.graph.outside) {
    if (libraries.contains(need.from) && is_of_another_wheel(need.name)) {
      names.insert(need.name);
    }
  }
  return names;
}

}  // namespace spokeshave
