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
#include "src/unfindable.h"
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

/// Of those that have the name, for what `from` needs or opens.
std::size_t choose_bearer(const Inspection& inspection, std::size_t from, const std::string& name,
                          const std::vector<std::size_t>& bearers) {
  const std::size_t wheel = inspection.libraries[from].wheel;
  const auto rank = [&](std::size_t bearer) {
    const std::size_t other = inspection.libraries[bearer].wheel;
    return std::tuple(!bears_soname(inspection, bearer, name), other != wheel,
                      !requires_wheel(inspection, wheel, other), bearer);
  };
  return *std::min_element(bearers.begin(), bearers.end(),
                           [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
}

/// Who misses a name by its own paths, and which library is taken for it.
using Choices = std::map<std::pair<std::string, std::size_t>, std::vector<const UnmetNeed*>>;

bool is_choice(const Inspection& inspection, const UnmetNeed& need, std::size_t chosen) {
  return inspection.libraries[chosen].wheel != inspection.libraries[need.from].wheel;
}

/// Of all that miss the name only those whose choice it was are told of, and the name once.
void note_choices(const Inspection& inspection, const Choices& choices,
                  std::vector<std::string>& notes) {
  for (const auto& [choice, needs] : choices) {
    const auto& [name, chosen] = choice;
    std::set<std::string> wheels;
    for (const std::size_t bearer : needs.front()->bearers) {
      if (bears_soname(inspection, bearer, name)) {
        wheels.insert(printable(inspection.wheels[inspection.libraries[bearer].wheel].name));
      }
    }
    std::vector<std::size_t> needers;
    for (const UnmetNeed* need : needs) {
      needers.push_back(need->from);
    }
    if (wheels.size() > 1) {
      notes.push_back(fmt::format(
          "several wheels have `{}`, and no path of {} leads to one: that of {} is taken, of {}",
          printable(name), some_libraries(inspection, needers),
          printable(inspection.wheels[inspection.libraries[chosen].wheel].name),
          some_of({wheels.begin(), wheels.end()})));
    }
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

/// By dlopen: an extension module is found by `import`, and a program is a process of its own.
bool may_be_opened(const Inspection& inspection, std::size_t library) {
  const auto& image = inspection.libraries[library].library->image;
  return !image.exports_python_init && !image.is_executable();
}

/// Whether a mention is believed to be opened, and to be found elsewhere than in one folder only:
/// a name that no path leads to even there may be another version's, or another system's.
bool is_meant(const Inspection& inspection, const Need& need) {
  const std::size_t from = inspection.libraries[need.from].wheel;
  const std::size_t to = inspection.libraries[need.to].wheel;
  // What the main wheel opens of itself it finds as in one folder.
  const bool is_inner = from == 0 && to == 0;
  return !is_inner && may_be_opened(inspection, need.to) &&
         (need.is_met() || from == to || from == 0);
}

/// Whether dlopen meets the name by what was loaded by its path, or finds it by a path.
bool may_be_found(const Inspection& inspection, const Need& need) {
  const bool is_beside =
      need.is_met() && inspection.libraries[need.from].wheel == inspection.libraries[need.to].wheel;
  return is_beside || bears_soname(inspection, need.to, need.name);
}

/// Whether a program needs this, and even loaded beforehand the bearer would not meet the need.
/// Nothing is loaded beforehand for a program; to tell its user of --set-soname would not help.
bool is_in_vain(const Inspection& inspection, std::size_t from, std::size_t bearer,
                const std::string& name) {
  return inspection.libraries[from].library->image.is_executable() &&
         !bears_soname(inspection, bearer, name);
}

/// What one folder meets by a path within the wheel, a folder of its own meets as well.
bool is_of_one_wheel(const Inspection& inspection, const Need& need) {
  return inspection.libraries[need.from].wheel == inspection.libraries[need.to].wheel;
}

/// The dlopen needs that are meant, of a name that one folder does not meet one only.
std::vector<const Need*> meant_by_dlopen(const Inspection& inspection) {
  std::map<Key, std::vector<std::size_t>> unmet;
  std::vector<const Need*> meant;
  for (const auto& need : inspection.graph.needs) {
    if (need.by_dlopen && is_meant(inspection, need)) {
      meant.push_back(&need);
      if (!need.is_met()) {
        unmet[{need.from, need.name}].push_back(need.to);
      }
    }
  }
  std::erase_if(meant, [&](const Need* need) {
    return !need->is_met() && choose_bearer(inspection, need->from, need->name,
                                            unmet.at({need->from, need->name})) != need->to;
  });
  return meant;
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
      needs_.chosen = order_.completed(needs_.chosen, needs_.reached, unreached_of_left_out());
      reach(needs_.chosen);
      if (needs_.reached.size() + needs_.chosen.size() == before) {
        break;
      }
    }
    for (const std::size_t library : unreached_of_left_out()) {
      needs_.left_out.push_back(std::move(left_out_.at(library)));
    }
    note_not_found();
    return std::move(needs_);
  }

 private:
  std::set<std::size_t> unreached_of_left_out() const {
    std::set<std::size_t> libraries;
    for (const auto& [library, left_out] : left_out_) {
      if (!needs_.reached.contains(library)) {
        libraries.insert(library);
      }
    }
    return libraries;
  }

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
    LeftOut left_out{library, lacked_by(inspection_, more), impossible_circle(more)};
    const bool is_forgotten =
        std::all_of(left_out.lacks.begin(), left_out.lacks.end(), [&](const std::string& name) {
          return !requirements_named_like(inspection_, name, more).empty();
        });
    if (is_forgotten && left_out.circle.empty()) {
      reach({library});
    } else {
      left_out_.emplace(library, std::move(left_out));
    }
  }

  /// Of the libraries that would come in addition.
  std::vector<std::size_t> impossible_circle(const std::set<std::size_t>& more) const {
    std::set<std::size_t> chosen = order_.of_other_wheels(more);
    if (chosen.empty()) {
      return {};
    }
    chosen.insert(needs_.chosen.begin(), needs_.chosen.end());
    for (const auto& circle : order_.circles(chosen)) {
      if (!circle.first && std::any_of(circle.libraries.begin(), circle.libraries.end(),
                                       [&](std::size_t i) { return more.contains(i); })) {
        return circle.libraries;
      }
    }
    return {};
  }

  void note_not_found() {
    for (const Need* need : meant_by_dlopen(inspection_)) {
      if (needs_.reached.contains(need->from) && !needs_.reached.contains(need->to) &&
          !may_be_found(inspection_, *need)) {
        needs_.not_found.push_back({need->from, need->to, need->name, true});
      }
    }
  }

  const Inspection& inspection_;
  const PreloadModel& model_;
  const PreloadOrder& order_;
  PreloadNeeds needs_;
  std::map<std::size_t, LeftOut> left_out_;
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
    if (!need.by_dlopen && (is_of_one_wheel(inspection, need) ||
                            !is_in_vain(inspection, need.from, need.to, need.name))) {
      model.edges.push_back({need.from, need.to, need.name, false});
    }
    met.emplace(need.from, need.name);
  }
  for (const Need* need : meant_by_dlopen(inspection)) {
    if (may_be_found(inspection, *need)) {
      model.edges.push_back({need->from, need->to, need->name, true});
    }
  }
  Choices choices;
  for (const auto& need : inspection.graph.unmet) {
    if (is_unfindable(need)) {
      continue;
    }
    const std::size_t bearer = choose_bearer(inspection, need.from, need.name, need.bearers);
    if (met.contains({need.from, need.name}) ||
        is_in_vain(inspection, need.from, bearer, need.name)) {
      continue;
    }
    model.edges.push_back({need.from, bearer, need.name, false});
    if (is_choice(inspection, need, bearer)) {
      choices[{need.name, bearer}].push_back(&need);
    }
  }
  note_choices(inspection, choices, notes);
  return model;
}

PreloadNeeds find_preload_needs(const Inspection& inspection, const PreloadModel& model,
                                const PreloadOrder& order) {
  return Walk(inspection, model, order).run();
}

std::set<std::string> lacked_by(const Inspection& inspection,
                                const std::set<std::size_t>& libraries) {
  std::set<std::string> names;
  for (const auto& need : inspection.graph.outside) {
    if (libraries.contains(need.from) && is_of_another_wheel(need.name)) {
      names.insert(need.name);
    }
  }
  for (const auto& need : inspection.graph.unmet) {
    if (libraries.contains(need.from) && is_unfindable(need)) {
      names.insert(need.name);
    }
  }
  return names;
}

}  // namespace spokeshave
