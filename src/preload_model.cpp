#include "src/preload_model.h"

#include <algorithm>

#include "src/need_graph.h"

namespace spokeshave {

elf::NeedGraph PreloadModel::needed() const {
  elf::NeedGraph graph(libraries.size());
  for (const auto& edge : edges) {
    if (!edge.by_dlopen && edge.from != edge.to) {
      graph[edge.from].push_back(edge.to);
    }
  }
  return graph;
}

PreloadOrder::PreloadOrder(const PreloadModel& model)
    : model_(model),
      needed_(model.needed()),
      groups_(elf::strongly_connected_groups(needed_)),
      environment_(outside_is_met(model.libraries)) {
  environment_.loader = model.loader;
  environment_.noted = elf::Noted::kNone;
  for (const auto& edge : model.edges) {
    auto& names = edge.by_dlopen ? opened_by_name_ : needed_by_name_;
    names[{edge.from, edge.name}] = edge.to;
  }
}

std::set<std::size_t> PreloadOrder::with_needs(const std::set<std::size_t>& starts) const {
  std::set<std::size_t> reached = starts;
  std::vector<std::size_t> open(starts.begin(), starts.end());
  while (!open.empty()) {
    const std::size_t library = open.back();
    open.pop_back();
    for (const std::size_t next : needed_[library]) {
      if (reached.insert(next).second) {
        open.push_back(next);
      }
    }
  }
  return reached;
}

std::set<std::size_t> PreloadOrder::of_other_wheels(const std::set<std::size_t>& libraries) const {
  std::set<std::size_t> others;
  std::copy_if(libraries.begin(), libraries.end(), std::inserter(others, others.end()),
               [&](std::size_t library) { return !model_.in_main[library]; });
  return others;
}

std::set<std::size_t> PreloadOrder::completed(std::set<std::size_t> chosen,
                                              const std::set<std::size_t>& callers,
                                              const std::set<std::size_t>& left_out) const {
  std::set<std::size_t> first_ones;
  while (true) {
    const std::set<std::size_t> before = chosen;
    add_what_stays_and_is_needed(chosen);
    chosen.merge(missing_after(in_load_order(chosen), callers, left_out));
    if (chosen == before) {
      put_first_of_circles(chosen, first_ones);
    }
    if (chosen == before) {
      return chosen;
    }
  }
}

void PreloadOrder::add_what_stays_and_is_needed(std::set<std::size_t>& chosen) const {
  for (const std::size_t library : of_other_wheels(chosen)) {
    for (const std::size_t next : needed_[library]) {
      if (model_.in_main[next]) {
        chosen.insert(next);
      }
    }
  }
}

// Of a circle in the main wheel those are chosen that are missed: not always the one that brings
// them, and behind that one they are needless. What is missed even then is chosen again.
void PreloadOrder::put_first_of_circles(std::set<std::size_t>& chosen,
                                        std::set<std::size_t>& first_ones) const {
  for (const auto& circle : circles(chosen)) {
    if (!circle.first || !first_ones.insert(*circle.first).second) {
      continue;
    }
    for (const std::size_t member : circle.libraries) {
      if (model_.in_main[member] && !first_ones.contains(member)) {
        chosen.erase(member);
      }
    }
    chosen.insert(*circle.first);
  }
}

std::vector<std::size_t> PreloadOrder::in_load_order(const std::set<std::size_t>& chosen) const {
  std::vector<std::size_t> order;
  for (const auto& group : groups_) {
    std::vector<std::size_t> members;
    std::copy_if(group.begin(), group.end(), std::back_inserter(members),
                 [&](std::size_t library) { return chosen.contains(library); });
    if (members.size() > 1) {
      const auto first = std::find(members.begin(), members.end(),
                                   first_of(members, members, order).value_or(members.front()));
      std::rotate(members.begin(), first, first + 1);
    }
    order.insert(order.end(), members.begin(), members.end());
  }
  return order;
}

std::vector<NeedCircle> PreloadOrder::circles(const std::set<std::size_t>& chosen) const {
  const std::vector<std::size_t> order = in_load_order(chosen);
  std::vector<NeedCircle> circles;
  for (const auto& group : groups_) {
    const auto begin = std::find_first_of(order.begin(), order.end(), group.begin(), group.end());
    if (group.size() < 2 || begin == order.end()) {
      continue;
    }
    std::vector<std::size_t> candidates = group;
    std::stable_partition(candidates.begin(), candidates.end(),
                          [&](std::size_t library) { return chosen.contains(library); });
    circles.push_back({group, first_of(group, candidates, {order.begin(), begin})});
  }
  return circles;
}

// No member of a circle can be opened after all that it needs. One opening brings them all or none:
// the first member must lead to the others by paths.
std::optional<std::size_t> PreloadOrder::first_of(const std::vector<std::size_t>& circle,
                                                  const std::vector<std::size_t>& candidates,
                                                  const std::vector<std::size_t>& before) const {
  const auto breaks_it = [&](const elf::Resolution& resolution) {
    const auto target = needed_by_name_.find({resolution.from, resolution.needed});
    return resolution.rule == elf::Rule::kMissing && target != needed_by_name_.end() &&
           std::find(circle.begin(), circle.end(), target->second) != circle.end();
  };
  for (const std::size_t member : candidates) {
    elf::Process process = started(before);
    const auto resolutions = process.open(model_.libraries[member].path);
    if (std::none_of(resolutions.begin(), resolutions.end(), breaks_it)) {
      return member;
    }
  }
  return std::nullopt;
}

elf::Process PreloadOrder::started(const std::vector<std::size_t>& order) const {
  elf::Process process(model_.libraries, environment_);
  for (const std::size_t library : order) {
    process.open(model_.libraries[library].path);
  }
  return process;
}

std::vector<std::size_t> PreloadOrder::failed_at_first(
    elf::Process& process, const std::vector<std::size_t>& openings) const {
  std::vector<std::size_t> failed;
  for (const std::size_t library : openings) {
    process.open(model_.libraries[library].path);
    if (!process.is_loaded(library)) {
      failed.push_back(library);
    }
  }
  return failed;
}

std::set<std::size_t> PreloadOrder::missing_after(const std::vector<std::size_t>& order,
                                                  const std::set<std::size_t>& callers,
                                                  const std::set<std::size_t>& left_out) const {
  std::set<std::size_t> missing;
  elf::Process alone(model_.libraries, environment_);
  for (const std::size_t library : order) {
    note_missing(alone.open(model_.libraries[library].path), missing);
  }
  for (const auto& openings : model_.processes) {
    missing.merge(missing_to(openings, order));
  }
  for (const auto& [asked, target] : opened_by_name_) {
    const auto& [from, name] = asked;
    if (!callers.contains(from) || left_out.contains(target) ||
        std::find(order.begin(), order.end(), target) != order.end()) {
      continue;
    }
    elf::Process process = started(order);
    if (!process.is_loaded(from)) {
      process.open(model_.libraries[from].path);
    }
    if (!process.is_loaded(from)) {
      continue;
    }
    const auto resolutions = process.open_by_name(from, name);
    if (!resolutions.empty() && resolutions.front().rule == elf::Rule::kMissing) {
      missing.insert(target);
    }
    note_missing(resolutions, missing);
  }
  return missing;
}

// What fails itself is not what the others miss: once its own needs are met the process opens it.
std::set<std::size_t> PreloadOrder::missing_to(const std::vector<std::size_t>& openings,
                                               const std::vector<std::size_t>& order) const {
  elf::Process process = started(order);
  std::vector<Missed> missed;
  std::set<std::size_t> failed;
  for (const std::size_t library : failed_at_first(process, openings)) {
    open(process, library, missed);
    failed.insert(library);
  }
  std::erase_if(failed, [&](std::size_t library) { return process.is_loaded(library); });
  std::set<std::size_t> missing;
  for (const auto& each : faults_among(missed, failed)) {
    if (each.to) {
      missing.insert(*each.to);
    }
  }
  return missing;
}

bool PreloadOrder::open(elf::Process& process, std::size_t library,
                        std::vector<Missed>& missed) const {
  auto missing = missing_of(process.open(model_.libraries[library].path));
  for (auto& each : missing) {
    missed.push_back({library, std::move(each)});
  }
  return missing.empty();
}

std::vector<StillMissing> PreloadOrder::missing_of(
    const std::vector<elf::Resolution>& resolutions) const {
  std::vector<StillMissing> missing;
  for (const auto& resolution : resolutions) {
    if (resolution.rule == elf::Rule::kMissing) {
      const auto target = needed_by_name_.find({resolution.from, resolution.needed});
      const bool known = target != needed_by_name_.end();
      missing.push_back({resolution.from, resolution.needed,
                         known ? std::optional(target->second) : std::nullopt});
    }
  }
  return missing;
}

void PreloadOrder::note_missing(const std::vector<elf::Resolution>& resolutions,
                                std::set<std::size_t>& missing) const {
  for (const auto& each : missing_of(resolutions)) {
    if (each.to) {
      missing.insert(*each.to);
    }
  }
}

bool PreloadOrder::loads_alone(std::size_t library) const {
  const auto misses = [](const std::vector<elf::Resolution>& resolutions) {
    return std::any_of(resolutions.begin(), resolutions.end(), [](const auto& resolution) {
      return resolution.rule == elf::Rule::kMissing;
    });
  };
  elf::Process process = started({});
  if (misses(process.open(model_.libraries[library].path))) {
    return false;
  }
  return std::none_of(opened_by_name_.begin(), opened_by_name_.end(), [&](const auto& opened) {
    const auto& [from, name] = opened.first;
    return process.is_loaded(from) && misses(process.open_by_name(from, name));
  });
}

bool PreloadOrder::loads(std::size_t library, const std::vector<std::size_t>& order) const {
  return started(order).is_loaded(library);
}

std::optional<bool> PreloadOrder::finds(const PreloadEdge& opened,
                                        const std::vector<std::size_t>& order) const {
  elf::Process process = started(order);
  if (!process.is_loaded(opened.from)) {
    process.open(model_.libraries[opened.from].path);
  }
  if (!process.is_loaded(opened.from)) {
    return std::nullopt;
  }
  const auto resolutions = process.open_by_name(opened.from, opened.name);
  return resolutions.empty() || resolutions.front().rule != elf::Rule::kMissing;
}

std::vector<StillMissing> PreloadOrder::still_missing(const std::vector<std::size_t>& order) const {
  std::vector<Missed> missed;
  std::set<std::size_t> failed;
  const auto open_all = [&](elf::Process& process, const std::vector<std::size_t>& libraries) {
    for (const std::size_t library : libraries) {
      if (!open(process, library, missed)) {
        failed.insert(library);
      }
    }
  };
  auto processes = model_.processes;
  if (processes.empty()) {
    processes.emplace_back();  // the list itself is opened even so
  }
  for (const auto& openings : processes) {
    elf::Process process(model_.libraries, environment_);
    open_all(process, order);
    open_all(process, failed_at_first(process, openings));
  }
  return faults_among(missed, failed);
}

}  // namespace spokeshave
