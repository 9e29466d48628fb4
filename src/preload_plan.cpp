#include "src/preload_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "src/failure.h"
#include "src/find_problems.h"
#include "src/glob.h"
#include "src/nearest.h"
#include "src/preload_entrance.h"
#include "src/preload_findings.h"
#include "src/preload_model.h"
#include "src/preload_needs.h"
#include "src/preload_twins.h"

namespace spokeshave {

namespace {

const Library& library_of(const Inspection& inspection, std::size_t library) {
  return *inspection.libraries[library].library;
}

/// What the reasons are found in.
struct Reasons {
  const Inspection& inspection;
  const PreloadModel& model;
  const std::set<std::size_t>& reached;
  std::set<std::size_t> listed;

  bool is_of_main(std::size_t library) const { return inspection.libraries[library].wheel == 0; }

  /// A path leads the main wheel's own code to it: that is not why it is loaded beforehand.
  bool is_found_by(const PreloadEdge& edge) const {
    const auto& unmet = inspection.graph.unmet;
    return is_of_main(edge.to) && !listed.contains(edge.from) &&
           std::none_of(unmet.begin(), unmet.end(), [&](const UnmetNeed& need) {
             return need.from == edge.from && need.name == edge.name;
           });
  }
};

/// Those that `counts` of the edges to the library say need it; the best reason first: of the main
/// wheel, and rather a library than a module, rather a module than a program.
template <typename Counts>
std::vector<std::size_t> needers(const Reasons& reasons, std::size_t library, Counts counts) {
  std::set<std::size_t> found;
  for (const auto& edge : reasons.model.edges) {
    if (edge.to == library && edge.from != library && reasons.reached.contains(edge.from) &&
        counts(edge)) {
      found.insert(edge.from);
    }
  }
  std::vector<std::size_t> sorted(found.begin(), found.end());
  std::stable_sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
    const auto rank = [&](std::size_t i) {
      const auto& image = library_of(reasons.inspection, i).image;
      return std::tuple(!reasons.is_of_main(i), image.is_executable(), image.exports_python_init);
    };
    return rank(a) < rank(b);
  });
  return sorted;
}

void explain(PreloadStep& step, const Reasons& reasons) {
  auto by = needers(reasons, step.library, [&](const PreloadEdge& edge) {
    return !edge.by_dlopen && !reasons.is_found_by(edge);
  });
  if (by.empty()) {
    by = needers(reasons, step.library, [](const PreloadEdge& edge) { return edge.by_dlopen; });
    step.by_dlopen = !by.empty();
  }
  if (by.empty()) {  // found by an RPATH that it inherits only while nothing is loaded before
    by = needers(reasons, step.library, [](const PreloadEdge& edge) { return !edge.by_dlopen; });
  }
  for (const std::size_t needer : by) {
    step.needed_by.push_back(library_of(reasons.inspection, needer).installed_path);
  }
  if (!by.empty()) {
    const auto& first = reasons.inspection.libraries[by.front()];
    step.reason = fmt::format("{} by {} of {}", step.by_dlopen ? "opened" : "needed", first.shown,
                              reasons.inspection.wheels[first.wheel].name);
  }
}

bool is_global(const std::vector<std::string>& globs, const std::string& path) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return glob_matches(glob, path); });
}

std::vector<PreloadStep> steps_of(const Inspection& inspection, const PreloadModel& model,
                                  const std::set<std::size_t>& reached,
                                  const std::vector<std::size_t>& order,
                                  const PreloadRequest& request) {
  const elf::NeedGraph needed = model.needed();
  const std::vector<bool> wants_outside =
      needs_outside(inspection.graph, needed, elf::load_order(needed));
  const Reasons reasons{inspection, model, reached, {order.begin(), order.end()}};
  std::vector<PreloadStep> steps;
  for (const std::size_t index : order) {
    const auto& entry = inspection.libraries[index];
    const InspectedWheel& wheel = inspection.wheels[entry.wheel];
    const std::string& path = entry.library->installed_path;
    PreloadStep step;
    step.library = index;
    step.line.path = path;
    step.line.soname = entry.library->image.soname.value_or(std::string(file_name(path)));
    step.line.requirement =
        fmt::format("{}=={}", wheel.name, entry.wheel == 0 ? request.version : wheel.version);
    step.line.needs_other_wheels = wants_outside[index];
    step.line.global = is_global(request.global, path);
    explain(step, reasons);
    steps.push_back(std::move(step));
  }
  return steps;
}

void refuse_unmatched(const std::vector<std::string>& globs,
                      const std::vector<PreloadStep>& steps) {
  for (const auto& glob : globs) {
    std::vector<std::string> names;
    bool any = false;
    for (const auto& step : steps) {
      any = any || glob_matches(glob, step.line.path);
      names.emplace_back(glob.find('/') == std::string::npos ? file_name(step.line.path)
                                                             : std::string_view(step.line.path));
    }
    if (!any) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("--global `{}` matches nothing that is loaded", glob),
                    "a GLOB without `/` is compared with file names, one with `/` with whole paths",
                    did_you_mean(glob, names, "leave --global out to see what is loaded"));
    }
  }
}

void drop_repeated(std::vector<std::string>& notes) {
  std::set<std::string> seen;
  std::erase_if(notes, [&](const std::string& note) { return !seen.insert(note).second; });
}

std::vector<std::size_t> unneeded_wheels(const Inspection& inspection,
                                         const std::vector<std::size_t>& order) {
  std::vector<std::size_t> unneeded;
  for (std::size_t wheel = 1; wheel < inspection.wheels.size(); ++wheel) {
    if (std::none_of(order.begin(), order.end(), [&](std::size_t library) {
          return inspection.libraries[library].wheel == wheel;
        })) {
      unneeded.push_back(wheel);
    }
  }
  return unneeded;
}

}  // namespace

bool PreloadPlan::is_whole() const {
  return missing.empty() && std::all_of(circles.begin(), circles.end(),
                                        [](const PreloadCircle& circle) { return circle.loads; });
}

std::vector<PreloadLibrary> PreloadPlan::lines() const {
  std::vector<PreloadLibrary> lines;
  lines.reserve(steps.size());
  for (const auto& step : steps) {
    lines.push_back(step.line);
  }
  return lines;
}

PreloadPlan plan_preload(const Inspection& inspection, const WheelOutline& main,
                         const PreloadRequest& request) {
  PreloadPlan plan;
  PreloadModel model = preload_model(inspection, plan.notes);
  std::optional<PreloadOrder> of_model;
  PreloadNeeds needs;
  std::vector<std::size_t> order;
  do {
    of_model.emplace(model);
    needs = find_preload_needs(inspection, model, *of_model);
    order = of_model->in_load_order(needs.chosen);
  } while (leave_out_twin(inspection, model, *of_model, needs, order, plan.notes));
  const PreloadOrder& loader = *of_model;
  plan.steps = steps_of(inspection, model, needs.reached, order, request);
  refuse_unmatched(request.global, plan.steps);
  const auto ways_in = entrances(inspection, main, loader, order);
  plan.init_path = choose_entrance(inspection, main, ways_in, order.empty(), request);
  plan.unneeded = unneeded_wheels(inspection, order);
  const std::vector<NeedCircle> circles = loader.circles(needs.chosen);
  plan.circles = describe_circles(inspection, circles);
  plan.missing = find_lacking(inspection, needs.reached);
  find_still_missing(inspection, loader.still_missing(order), circles, plan);
  for (auto& note : other_entrances(ways_in, plan.init_path)) {
    plan.notes.push_back(std::move(note));
  }
  note_limits(inspection, loader, needs, order, plan.notes);
  drop_repeated(plan.notes);
  return plan;
}

}  // namespace spokeshave
