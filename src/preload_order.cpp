#include "src/preload_order.h"

#include <algorithm>
#include <map>
#include <set>

#include "src/glob.h"
#include "src/preload_model.h"
#include "src/preload_package.h"

namespace spokeshave {

namespace {

/// Every library in a process of its own, and every need that is met in one folder.
PreloadModel model_of(const Inventory& inventory, const NeedGraph& graph, const SplitPlan& plan) {
  PreloadModel model;
  model.libraries = installed_after(inventory, plan, Layout::kSeparate);
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    model.in_main.push_back(plan.libraries[i].part == 0);
    model.processes.push_back({i});
  }
  for (const auto& need : graph.needs) {
    if (need.is_met()) {
      model.edges.push_back({need.from, need.to, need.name, need.by_dlopen});
    }
  }
  return model;
}

}  // namespace

std::vector<std::size_t> preload_order(const Inventory& inventory, const NeedGraph& graph,
                                       const SplitPlan& plan) {
  const PreloadModel model = model_of(inventory, graph, plan);
  const PreloadOrder order(model);
  std::set<std::size_t> all;
  std::set<std::size_t> stays;
  for (std::size_t i = 0; i < model.in_main.size(); ++i) {
    all.insert(i);
    if (model.in_main[i]) {
      stays.insert(i);
    }
  }
  const auto moved_and_needed = order.of_other_wheels(order.with_needs(stays));
  return order.in_load_order(order.completed(moved_and_needed, all));
}

std::vector<PreloadLibrary> preload_libraries(const Inventory& inventory, const NeedGraph& graph,
                                              const SplitPlan& plan,
                                              const std::vector<std::size_t>& order) {
  const auto needed = graph.adjacency(inventory.libraries.size(), false);
  const std::vector<bool> wants_outside = needs_outside(graph, needed, order);
  std::vector<PreloadLibrary> libraries;
  for (const std::size_t index : order) {
    const auto& planned = plan.libraries[index];
    const auto& soname =
        planned.edits.soname ? planned.edits.soname : inventory.libraries[index].image.soname;
    libraries.push_back({planned.installed_path,
                         soname.value_or(std::string(file_name(planned.installed_path))),
                         plan.wheels[planned.part].requirement, wants_outside[index]});
  }
  return libraries;
}

std::string choose_init(const WheelOutline& outline, const Inventory& inventory,
                        const SplitPlan& plan, const SplitRequest& request) {
  if (request.package) {
    return init_of_package(outline, *request.package);
  }
  // A package that holds what moves counts by those bytes; one whose extension modules load it
  // counts a little.
  const std::set<std::string> inits = package_inits(outline);
  std::map<std::string, std::uint64_t> score;
  for (std::size_t i = 0; i < inventory.libraries.size(); ++i) {
    const auto& library = inventory.libraries[i];
    const auto init = init_on_the_way(inits, library.installed_path);
    if (init && plan.libraries[i].part != 0) {
      score[*init] += library.size;
    } else if (init && library.image.exports_python_init) {
      score[*init] += 1;
    }
  }
  const auto best = std::max_element(
      score.begin(), score.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == score.end() ? std::string() : best->first;
}

}  // namespace spokeshave
