#include "src/split_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/failure.h"
#include "src/glob.h"
#include "src/library_edits.h"
#include "src/loading.h"
#include "src/loading_check.h"
#include "src/placement.h"
#include "src/plan_notes.h"
#include "src/preload_order.h"
#include "src/size.h"
#include "src/split_items.h"

namespace spokeshave {

namespace {

std::vector<elf::InstalledLibrary> installed_at(const Inventory& inventory, Layout layout,
                                                const SplitPlan* plan) {
  std::vector<elf::InstalledLibrary> set;
  for (std::size_t i = 0; i < inventory.libraries.size(); ++i) {
    const auto& library = inventory.libraries[i];
    if (plan == nullptr) {
      set.push_back(elf::installed(location(layout, 0, library.installed_path), library.image));
      continue;
    }
    const auto& planned = plan->libraries[i];
    auto after =
        elf::installed(location(layout, planned.part, planned.installed_path), library.image);
    const auto& edits = planned.edits;
    if (edits.search_path) {
      const bool rpath = sets_rpath(library.image, edits);
      after.rpath = rpath ? edits.search_path : std::nullopt;
      after.runpath = rpath ? std::nullopt : edits.search_path;
    }
    if (edits.soname) {
      after.soname = edits.soname;
    }
    set.push_back(std::move(after));
  }
  return set;
}

NeedGraph graph_of(const Inventory& inventory, elf::LoaderKind loader) {
  std::vector<const std::set<std::string>*> mentions;
  for (const auto& library : inventory.libraries) {
    mentions.push_back(&library.mentions);
  }
  return find_needs(installed_before(inventory, Layout::kSitePackages), mentions, loader);
}

void place_libraries(SplitPlan& plan, const SplitItems& items, const Partition& partition,
                     const Inventory& inventory, const std::vector<std::string>& places,
                     std::vector<Mobility>&& mobility) {
  plan.libraries.resize(inventory.libraries.size());
  for (std::size_t item = 0; item < items.members.size(); ++item) {
    for (const std::size_t i : items.members[item]) {
      const std::size_t part = partition.part[item];
      plan.libraries[i].part = part;
      plan.libraries[i].mobility = std::move(mobility[i]);
      plan.libraries[i].installed_path = part == 0 ? inventory.libraries[i].installed_path
                                                   : plan.wheels[part].package + "/" + places[i];
    }
  }
}

void weigh_wheels(SplitPlan& plan, const SplitItems& items, const Partition& partition) {
  for (std::size_t part = 0; part < plan.wheels.size(); ++part) {
    plan.wheels[part].weight = part == 0 ? items.problem.main_base : items.problem.companion_base;
  }
  for (std::size_t item = 0; item < items.problem.items.size(); ++item) {
    Weight& weight = plan.wheels[partition.part[item]].weight;
    weight.installed += items.problem.items[item].weight.installed;
    weight.packed += items.problem.items[item].weight.packed;
  }
}

/// What is lost in one folder, and in a folder a wheel what a library's own wheel still brings: a
/// circle without paths of its own cannot be preloaded one after another.
std::vector<Loss> losses_that_paths_mend(const Inventory& inventory, const SplitPlan& plan) {
  const auto before = installed_before(inventory, Layout::kSitePackages);
  auto losses = loading_losses(before, installed_after(inventory, plan, Layout::kSitePackages), {},
                               plan.opened, std::nullopt, plan.loader);
  if (plan.wheels.size() > 1) {
    const auto separate = installed_after(inventory, plan, Layout::kSeparate);
    for (auto& loss : loading_losses(before, separate, plan.preload_indices, plan.opened,
                                     std::nullopt, plan.loader)) {
      if (loss.before && plan.libraries[loss.from].part == plan.libraries[*loss.before].part) {
        losses.push_back(std::move(loss));
      }
    }
  }
  return losses;
}

/// Edits by the libraries' own needs, then as many folders more as the loader model asks for: a
/// need may have been met through an inherited RPATH. And the preload order, which depends on them.
void plan_edits_that_load(SplitPlan& plan, const Inventory& inventory, const NeedGraph& graph,
                          const SplitRequest& request) {
  constexpr int kRounds = 4;
  ExtraFolders extra;
  for (int round = 0; round < kRounds; ++round) {
    plan_edits(plan, inventory, graph, request, extra);
    plan.preload_indices = preload_order(inventory, graph, plan);
    const auto losses = losses_that_paths_mend(inventory, plan);
    if (losses.empty()) {
      return;
    }
    for (const auto& loss : losses) {
      if (loss.before) {
        extra[loss.from].emplace(folder_of(plan.libraries[*loss.before].installed_path));
      }
    }
  }
}

void note_what_is_met(SplitPlan& plan, const NeedGraph& graph) {
  for (const auto& need : graph.needs) {
    plan.met_needs += need.is_met() ? 1 : 0;
    if (need.is_met() && need.by_dlopen) {
      plan.opened.push_back({need.from, need.name});
    }
  }
  plan.met_needs += graph.outside.size();
}

/// All but programs, which Python does not start, and extension modules of other packages, which
/// may be imported without the one that holds the block.
std::vector<std::size_t> loaded_behind_import(const Inventory& inventory, const SplitPlan& plan) {
  std::vector<std::size_t> behind;
  const std::string package = std::string(folder_of(plan.init_path)) + "/";
  for (std::size_t i = 0; i < inventory.libraries.size(); ++i) {
    const Library& library = inventory.libraries[i];
    const bool elsewhere =
        library.image.exports_python_init && !library.installed_path.starts_with(package);
    if (!library.image.is_executable() && !elsewhere) {
      behind.push_back(i);
    }
  }
  return behind;
}

/// The problem in which what the user did not name stays.
PartitionProblem only_named(PartitionProblem problem) {
  for (auto& item : problem.items) {
    item.place = item.place == Place::kFree ? Place::kMain : item.place;
  }
  return problem;
}

/// What a smallest limit comes from: an item, or all that must stay in the main wheel, with its
/// largest library.
std::string dictator(const std::optional<std::size_t>& item, const SplitItems& items,
                     const Inventory& inventory, const std::vector<Mobility>& mobility) {
  std::string names;
  if (item) {
    for (const std::size_t i : items.members[*item]) {
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", inventory.libraries[i].member);
    }
    return names;
  }
  const Library* largest = nullptr;
  for (std::size_t i = 0; i < inventory.libraries.size(); ++i) {
    const Library& library = inventory.libraries[i];
    if (mobility[i].place == Place::kMain && (largest == nullptr || library.size > largest->size)) {
      largest = &library;
      names =
          fmt::format("`{}`, {}: {}", library.member, format_size(library.size), mobility[i].why);
    }
  }
  return names.empty()
             ? "what must stay in the main wheel"
             : fmt::format("what must stay in the main wheel (the largest library is {})", names);
}

SplitAnswer impossible(const Impossible& why, const SplitItems& items, const Inventory& inventory,
                       const SplitRequest& request, const std::vector<Mobility>& mobility) {
  ImpossibleSplit answer;
  answer.limit = request.limit;
  answer.smallest = why.smallest;
  answer.installed_dictated_by = dictator(why.installed_item, items, inventory, mobility);
  answer.packed_dictated_by = dictator(why.packed_item, items, inventory, mobility);
  return {std::nullopt, answer};
}

}  // namespace

std::vector<elf::InstalledLibrary> installed_before(const Inventory& inventory, Layout layout) {
  return installed_at(inventory, layout, nullptr);
}

std::vector<elf::InstalledLibrary> installed_after(const Inventory& inventory,
                                                   const SplitPlan& plan, Layout layout) {
  return installed_at(inventory, layout, &plan);
}

SplitAnswer plan_split(const WheelOutline& outline, const Inventory& inventory,
                       const SplitRequest& request, const PackedSizes& measured) {
  const elf::LoaderKind loader = loader_of(outline.filename.platform_tag);
  const NeedGraph graph = graph_of(inventory, loader);
  auto mobility = decide_mobility(inventory.libraries, graph, request.move, request.keep);
  const auto places = places_in_companion(inventory.libraries, mobility);
  SplitItems items =
      split_items(outline, inventory, graph, mobility, places, request, measured, Packing::kWorse);
  // With --move, anything else moves only where a limit asks for it.
  PartitionAnswer answer;
  if (!request.move.empty()) {
    answer = partition(only_named(items.problem));
  }
  const bool moves_only_named = answer.partition.has_value();
  if (!moves_only_named) {
    answer = partition(items.problem);
  }
  if (!answer.partition && request.limit.packed) {
    // Perhaps the rewritten libraries pack as well as before: the caller measures that.
    items = split_items(outline, inventory, graph, mobility, places, request, measured,
                        Packing::kAsBefore);
    answer = partition(items.problem);
  }
  if (!answer.partition) {
    return impossible(*answer.impossible, items, inventory, request, mobility);
  }
  const Partition& partition = *answer.partition;
  check_companion_name(outline, request, partition.cost.parts);

  SplitPlan plan;
  plan.limit = request.limit;
  plan.loader = loader;
  plan.cost = partition.cost;
  plan.bound = partition.bound;
  plan.moves_only_named = moves_only_named;
  plan.wheels = name_wheels(outline, request, partition.cost.parts);
  place_libraries(plan, items, partition, inventory, places, std::move(mobility));
  weigh_wheels(plan, items, partition);
  note_what_is_met(plan, graph);
  plan_edits_that_load(plan, inventory, graph, request);
  plan.preload = preload_libraries(inventory, graph, plan, plan.preload_indices);
  plan.init_path = choose_init(outline, inventory, plan, request);
  plan.behind_import = loaded_behind_import(inventory, plan);
  plan.notes = plan_notes(inventory, graph, plan);
  return {std::move(plan), std::nullopt};
}

}  // namespace spokeshave
