#include "src/verify_losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "src/failure.h"
#include "src/loading.h"
#include "src/loading_check.h"
#include "src/system_libraries.h"

namespace spokeshave {

namespace {

using Place = std::pair<std::size_t, std::string_view>;  // wheel, member

/// The original's libraries, and the same ones as they lie now. Those that are gone keep a place
/// where nobody finds them; behind all of them come those that were added.
struct Arrangements {
  std::vector<elf::InstalledLibrary> before;
  std::vector<elf::InstalledLibrary> after;
  Mentions mentions;                             ///< of those before
  std::vector<std::string> names;                ///< members of the original
  std::vector<std::optional<std::size_t>> now;   ///< index into Inspection::libraries
  std::map<std::size_t, std::size_t> number_of;  ///< of a library of the inspection
};

std::map<Place, std::size_t> places_of(const Inspection& inspection) {
  std::map<Place, std::size_t> places;
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    const auto& entry = inspection.libraries[i];
    places.emplace(Place(entry.wheel, entry.library->member), i);
  }
  return places;
}

elf::InstalledLibrary installed_now(const Inspection& inspection, std::size_t library) {
  const auto& entry = inspection.libraries[library];
  return elf::installed(location(inspection.layout, entry.wheel, entry.library->installed_path),
                        entry.library->image);
}

Arrangements arrange(const Inventory& original, const Inspection& inspection,
                     const WheelComparison& comparison) {
  Arrangements sets;
  const auto places = places_of(inspection);
  for (std::size_t i = 0; i < comparison.original.members.size(); ++i) {
    const ComparedMember& member = comparison.original.members[i];
    const auto& where = comparison.now[i];
    const auto place =
        where ? places.find(
                    {where->first, comparison.wheels[where->first].members[where->second].name})
              : places.end();
    const Library* now =
        place == places.end() ? nullptr : inspection.libraries[place->second].library;
    const Library* was = find_library(original, member.name);
    // What did not change is not among the differences of the original.
    const Library* before = was != nullptr ? was : now;
    if (before == nullptr || !is_for_the_loader(before->image)) {
      continue;
    }
    sets.before.push_back(
        elf::installed(location(Layout::kSitePackages, 0, member.path), before->image));
    sets.mentions.push_back(&before->mentions);
    sets.names.push_back(member.name);
    if (now == nullptr) {
      sets.now.emplace_back();
      sets.after.push_back({.path = fmt::format("/gone/{}", i)});
    } else {
      sets.now.emplace_back(place->second);
      sets.number_of.emplace(place->second, sets.after.size());
      sets.after.push_back(installed_now(inspection, place->second));
    }
  }
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    if (sets.number_of.emplace(i, sets.after.size()).second) {
      sets.after.push_back(installed_now(inspection, i));
    }
  }
  return sets;
}

/// What the import of the packages opens, in order.
std::vector<std::size_t> opened_first(const Inspection& inspection, const Arrangements& sets) {
  std::map<std::size_t, std::size_t> by_start;
  for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
    const auto& entry = inspection.libraries[i];
    if (entry.start && entry.loaded_by == LoadedBy::kImport) {
      by_start.emplace(*entry.start, sets.number_of.at(i));
    }
  }
  std::vector<std::size_t> order;
  order.reserve(by_start.size());
  for (const auto& [start, library] : by_start) {
    order.push_back(library);
  }
  return order;
}

std::vector<std::size_t> roots(const Inspection& inspection, const Arrangements& sets) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < sets.now.size(); ++i) {
    const auto& now = sets.now[i];
    if (now && (inspection.layout == Layout::kSitePackages ||
                inspection.libraries[*now].loaded_by == LoadedBy::kImport)) {
      found.push_back(i);
    }
  }
  return found;
}

std::vector<Opened> dlopens_that_succeeded(const NeedGraph& graph) {
  std::vector<Opened> opened;
  for (const auto& need : graph.needs) {
    if (need.by_dlopen && need.is_met()) {
      opened.push_back({need.from, need.name});
    }
  }
  return opened;
}

/// A library that is gone and that the system, or another wheel, is to bring from now on.
bool is_left_to_others(const Loss& loss) {
  return loss.before && loss.rule == elf::Rule::kSystem;
}

std::set<NeedKey> missed(const NeedGraph& graph, const Arrangements& sets) {
  std::set<NeedKey> keys;
  for (const auto& need : graph.unmet) {
    if (const auto& now = sets.now[need.from]) {
      keys.emplace(*now, need.name);
    }
  }
  return keys;
}

std::string what_is_lost(const Loss& loss, const Arrangements& sets, bool by_dlopen) {
  const std::string name = fmt::format("`{}`", printable(loss.needed));
  const std::string who = by_dlopen ? "may open" : "needs";
  const std::string was =
      loss.before ? fmt::format(", which was {}", printable(sets.names[*loss.before])) : "";
  if (loss.rule == elf::Rule::kMissing) {
    return fmt::format("{} {}{}: it was found before and is not now", who, name, was);
  }
  if (is_left_to_others(loss)) {
    return fmt::format("{} {}{}: none of the wheels has it now", who, name, was);
  }
  return fmt::format("{} {}{}: another file is found now", who, name, was);
}

}  // namespace

const Library* find_library(const Inventory& inventory, std::string_view member) {
  const auto found = std::lower_bound(
      inventory.libraries.begin(), inventory.libraries.end(), member,
      [](const Library& library, std::string_view name) { return library.member < name; });
  return found != inventory.libraries.end() && found->member == member ? &*found : nullptr;
}

std::set<NeedKey> look_for_losses(const Inventory& original, const Inspection& inspection,
                                  const std::vector<std::size_t>& numbers,
                                  Verification& verification) {
  const Arrangements sets = arrange(original, inspection, verification.against->members);
  const NeedGraph graph = find_needs(sets.before, sets.mentions, inspection.loader);
  const auto preload = inspection.layout == Layout::kSeparate ? opened_first(inspection, sets)
                                                              : std::vector<std::size_t>{};
  for (const auto& loss :
       loading_losses(sets.before, sets.after, preload, dlopens_that_succeeded(graph),
                      roots(inspection, sets), inspection.loader)) {
    if (!loss.rule || !sets.now[loss.from]) {
      continue;  // nobody asks for it any more
    }
    const auto& entry = inspection.libraries[*sets.now[loss.from]];
    const auto& needed = entry.library->image.needed;
    const bool by_dlopen = std::find(needed.begin(), needed.end(), loss.needed) == needed.end();
    const bool is_lost = loss.rule == elf::Rule::kMissing ||
                         (is_left_to_others(loss) && !is_system_library(loss.needed));
    verification.findings.push_back(
        {.rule = is_lost ? "need-lost" : "need-elsewhere",
         .severity = is_lost && !by_dlopen ? Severity::kFinding : Severity::kNote,
         .wheel = numbers[entry.wheel],
         .member = entry.library->member,
         .what = what_is_lost(loss, sets, by_dlopen),
         .tried = loss.rule == elf::Rule::kMissing ? tried_places(inspection, loss.attempts)
                                                   : std::vector<TriedPlace>{}});
  }
  return missed(graph, sets);
}

}  // namespace spokeshave
