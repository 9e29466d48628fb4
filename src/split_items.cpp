#include "src/split_items.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "elf/load_order.h"
#include "elf/rewrite.h"
#include "src/failure.h"
#include "src/glob.h"
#include "src/library_edits.h"
#include "src/licences.h"
#include "src/placement.h"

namespace spokeshave {

namespace {

// What METADATA, WHEEL and the preload block may grow by, apart from the lines that are counted:
// bytes.
constexpr std::uint64_t kTextGrowth = 16384;
// A preload line, a line of METADATA or a search path's new entries: bytes a library.
constexpr std::uint64_t kBytesPerLibrary = 1024;

/// Strings that a rewrite may add: the old path with a few new entries, a SONAME.
std::uint64_t string_bound(const Library& library) {
  const auto size = [](const std::optional<std::string>& text) { return text ? text->size() : 0; };
  return 2 * (size(library.image.rpath) + size(library.image.runpath)) + 4096;
}

/// With what a rewrite may append, and how badly it may pack.
Weight library_weight(const Library& library, const std::string& place, bool may_be_rewritten,
                      const PackedSizes& measured, Packing packing) {
  std::uint64_t size = library.size;
  std::uint64_t packed = library.packed_bytes;
  if (may_be_rewritten) {
    const std::uint64_t tail = elf::tail_bound(library.image, string_bound(library));
    size += tail;
    const auto known = measured.find(library.member);
    const std::uint64_t margin = packing == Packing::kWorse ? packed / 10 + tail / 2 : 0;
    packed = known != measured.end() ? std::max(packed, known->second)
                                     : packed + margin + kBytesPerLibrary;
  }
  const std::size_t longest = std::max(library.member.size(), place.size() + 64);
  return member_weight(std::string(longest, 'x'), size, packed);
}

void add(Weight& sum, const Weight& more) {
  sum.installed += more.installed;
  sum.packed += more.packed;
}

std::string name_list(const std::vector<Library>& libraries,
                      const std::vector<std::size_t>& group) {
  std::string text;
  for (const std::size_t i : group) {
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", file_name(libraries[i].member));
  }
  return text;
}

/// A group moves when one must move, stays when one must stay.
Place place_of_group(const std::vector<Library>& libraries, const std::vector<Mobility>& mobility,
                     const std::vector<std::size_t>& group) {
  const Mobility* stays = nullptr;
  const Mobility* moves = nullptr;
  for (const std::size_t i : group) {
    if (mobility[i].place == Place::kMain) {
      stays = &mobility[i];
    } else if (mobility[i].place == Place::kMoved) {
      moves = &mobility[i];
    }
  }
  if (stays != nullptr && moves != nullptr) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("{} need each other and cannot part", name_list(libraries, group)),
                  fmt::format("one must move ({}), one must stay ({})", moves->why, stays->why),
                  "move all of them or none");
  }
  return stays != nullptr ? Place::kMain : moves != nullptr ? Place::kMoved : Place::kFree;
}

}  // namespace

Weight base_weight(const WheelOutline& outline, const Inventory& inventory) {
  std::set<std::string> libraries;
  for (const auto& library : inventory.libraries) {
    libraries.insert(library.member);
  }
  Weight sum{kTextGrowth, kTextGrowth};
  for (const auto& member : outline.members) {
    if (!libraries.contains(member.name)) {
      // A longer local version makes the names in .dist-info and .data longer.
      add(sum, member_weight(member.name + std::string(64, 'x'), member.size, member.packed_bytes));
    }
  }
  sum.installed += kBytesPerLibrary * inventory.libraries.size();
  sum.packed += kBytesPerLibrary * inventory.libraries.size();
  return sum;
}

Weight companion_base_weight(const WheelOutline& outline) {
  Weight sum{kTextGrowth, kTextGrowth};
  for (const auto& member : outline.members) {
    if (is_licence_file(outline.dist_info, member.name)) {
      add(sum, member_weight(member.name + std::string(64, 'x'), member.size, member.packed_bytes));
    }
  }
  return sum;
}

SplitItems split_items(const WheelOutline& outline, const Inventory& inventory,
                       const NeedGraph& graph, const std::vector<Mobility>& mobility,
                       const std::vector<std::string>& places, const SplitRequest& request,
                       const PackedSizes& measured, Packing packing) {
  const auto& libraries = inventory.libraries;
  const std::string package = name_wheels(outline, request, 2).back().package;
  std::vector<bool> has_edges(libraries.size(), false);
  std::vector<bool> is_called_otherwise(libraries.size(), false);
  for (const auto& need : graph.needs) {
    has_edges[need.from] = true;
    if (libraries[need.to].image.soname != need.name) {
      is_called_otherwise[need.to] = true;
    }
  }
  const bool other_wheels = needs_other_wheels(graph);
  SplitItems items;
  std::vector<std::size_t> item_of(libraries.size());
  const auto groups = elf::strongly_connected_groups(graph.adjacency(libraries.size(), false));
  for (const auto& group : groups) {
    PartitionItem item;
    item.place = place_of_group(libraries, mobility, group);
    for (const std::size_t i : group) {
      const std::string folder = package + "/" + std::string(folder_of(places[i]));
      const bool when_moved =
          mobility[i].place != Place::kMain &&
          (request.runpath.has_value() ||
           is_rewritten_when_moved(libraries[i], name_asked_for(graph, i), folder, other_wheels));
      const bool may_be_rewritten = has_edges[i] || is_called_otherwise[i] || when_moved;
      add(item.weight, library_weight(libraries[i], package + "/" + places[i], may_be_rewritten,
                                      measured, packing));
      item.rewrite_bytes += libraries[i].size;
      item.rewritten_when_moved = item.rewritten_when_moved || when_moved;
      item_of[i] = items.members.size();
    }
    items.members.push_back(group);
    items.problem.items.push_back(item);
  }
  for (const auto& need : graph.needs) {
    if (need.is_met() && item_of[need.from] != item_of[need.to]) {
      items.problem.edges.push_back({item_of[need.from], item_of[need.to], need.by_dlopen});
    }
  }
  items.problem.main_base = base_weight(outline, inventory);
  items.problem.companion_base = companion_base_weight(outline);
  items.problem.limit = request.limit;
  return items;
}

}  // namespace spokeshave
