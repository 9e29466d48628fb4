#include "src/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "elf/error.h"
#include "elf/name_scanner.h"
#include "src/elf_magic.h"
#include "src/failure.h"
#include "src/glob.h"
#include "src/member_check.h"
#include "src/member_source.h"
#include "src/text_evidence.h"
#include "src/workers.h"
#include "wheel/error.h"
#include "wheel/member_stream.h"
#include "wheel/sha256.h"

namespace spokeshave {

namespace {

constexpr std::size_t kMostNeeded = 4096;  // of one library; real ones have up to 100

/// What was found in one member: at most one of the first two.
struct Found {
  std::optional<Library> library;
  std::optional<UnreadableElf> unreadable;
  std::optional<DamagedMember> damaged;
  NamedLibraries named;  ///< what a text names
};

/// One member to be examined.
struct Task {
  std::size_t wheel = 0;
  const wheel::Member* member = nullptr;
};

/// Every member of every wheel that is wanted, but for folders.
std::vector<Task> list_tasks(const std::vector<const wheel::WheelFile*>& wheels,
                             const MemberFilter& wanted) {
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < wheels.size(); ++i) {
    for (const auto& member : wheels[i]->archive.members()) {
      if (!member.is_folder() && (!wanted || wanted(member))) {
        tasks.push_back({i, &member});
      }
    }
  }
  return tasks;
}

LibraryNames library_names(const std::vector<Task>& tasks) {
  LibraryNames names;
  for (const Task& task : tasks) {
    if (is_library_name(task.member->name)) {
      names.emplace(file_name(task.member->name));
    }
  }
  return names;
}

/// Which members get points: the largest libraries. 32 KiB are kept for each point, and small
/// libraries are decoded again as quickly.
std::vector<bool> choose_for_points(const std::vector<Task>& tasks,
                                    const std::vector<std::uint64_t>& sizes) {
  constexpr int kMost = 64;  // libraries
  constexpr std::uint64_t kLeastBytes = std::uint64_t{4} << 20;
  std::vector<bool> chosen(tasks.size());
  int count = 0;
  for (const std::size_t i : largest_first(sizes)) {
    if (sizes[i] < kLeastBytes || count == kMost) {
      break;
    }
    chosen[i] = is_library_name(tasks[i].member->name);
    count += chosen[i] ? 1 : 0;
  }
  return chosen;
}

/// Where a rewrite reads and writes (elf::rewrite), but for the file's begin.
std::vector<std::uint64_t> rewritten_places(const elf::Image& image) {
  std::vector<std::uint64_t> places = {image.string_table_offset, image.section_headers_offset,
                                       image.size};
  if (!image.dynamic.empty()) {
    places.push_back(image.dynamic.front().file_offset);
  }
  return places;
}

wheel::MemberStream open_member(const wheel::WheelFile& wheel, const wheel::Member& member,
                                bool with_points) {
  return with_points ? wheel::MemberStream(packed_reader(wheel.archive, member), member, {})
                     : wheel::MemberStream(wheel.archive, member);
}

void read_library(wheel::MemberStream& stream, const wheel::WheelFile& wheel,
                  const wheel::Member& member, Found& found) {
  MemberSource source(stream);
  try {
    Library library;
    library.image = elf::parse(source);
    if (library.image.needed.size() > kMostNeeded) {
      throw elf::Error(0, fmt::format("it needs {} libraries, more than any loader would take",
                                      library.image.needed.size()));
    }
    library.member = member.name;
    library.installed_path = wheel::installed_path(wheel, member.name);
    library.size = member.size;
    library.packed_bytes = member.packed_bytes;
    found.library = std::move(library);
  } catch (const elf::Error& error) {
    found.unreadable =
        UnreadableElf{member.name, fmt::format("{} (offset {:#x})", error.what(), error.offset()),
                      is_library_name(member.name)};
  }
}

void examine(const wheel::WheelFile& wheel, const wheel::Member& member, const LibraryNames& names,
             bool overlap, bool with_points, Progress& progress, Found& found) {
  elf::NameScanner scanner;
  std::string text;
  const bool is_text = is_evidence_text(member.name, member.size);
  bool is_elf = false;
  bool decided = false;
  wheel::MemberStream stream = open_member(wheel, member, with_points);  // behind what it fills
  expect_hash_of_record(stream, wheel, member);
  stream.observe([&](std::span<const std::byte> piece) {
    if (!decided) {
      is_elf = elf::has_elf_magic(piece);
      decided = true;
    }
    if (is_elf) {
      scanner.feed(piece);
    } else if (is_text) {
      text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
    progress.advance(piece.size());
  });
  if (overlap) {
    stream.overlap();
  }
  if (MemberSource source(stream); begins_as_elf(source)) {
    read_library(stream, wheel, member, found);
  }
  stream.finish();
  if (found.library) {
    found.library->mentions = scanner.names();
    found.library->points = stream.points_before(rewritten_places(found.library->image));
  }
  if (is_text) {
    found.named = libraries_named(member.name, text, names);
  }
}

DamagedMember::Kind kind_of_damage(const wheel::Error& error) {
  const auto* mismatch = dynamic_cast<const wheel::MemberMismatch*>(&error);
  if (mismatch == nullptr) {
    return DamagedMember::Kind::kData;
  }
  return mismatch->of() == wheel::MemberMismatch::Of::kCrc ? DamagedMember::Kind::kCrc
                                                           : DamagedMember::Kind::kRecordHash;
}

/// Names the Python files that open each library of its own wheel by name.
void note_openers(Inventory& inventory) {
  std::map<std::string, std::vector<std::string>> opened_by;  // file name -> Python files
  for (const auto& opener : inventory.openers) {
    for (const auto& name : opener.opened) {
      opened_by[name].push_back(opener.member);
    }
  }
  for (auto& library : inventory.libraries) {
    library.opened_by = opened_by[std::string(file_name(library.member))];
  }
}

void add(Inventory& inventory, const wheel::WheelFile& wheel, const wheel::Member& member,
         Found&& found) {
  inventory.installed_bytes += member.size;
  if (found.library) {
    inventory.libraries.push_back(std::move(*found.library));
  }
  if (found.unreadable) {
    inventory.unreadable.push_back(std::move(*found.unreadable));
  }
  if (found.damaged) {
    inventory.damaged.push_back(std::move(*found.damaged));
  }
  if (!found.named.opened.empty() || !found.named.searched.empty()) {
    inventory.openers.push_back({member.name, wheel::installed_path(wheel, member.name),
                                 std::move(found.named.opened), std::move(found.named.searched)});
  }
  if (!found.named.linked.empty()) {
    inventory.text_mentions.push_back({member.name, std::move(found.named.linked)});
  }
}

void put_in_order(Inventory& inventory) {
  const auto by_member = [](const auto& a, const auto& b) { return a.member < b.member; };
  std::sort(inventory.libraries.begin(), inventory.libraries.end(), by_member);
  std::sort(inventory.text_mentions.begin(), inventory.text_mentions.end(), by_member);
  std::sort(inventory.openers.begin(), inventory.openers.end(), by_member);
  std::sort(inventory.unreadable.begin(), inventory.unreadable.end(), by_member);
  std::sort(inventory.damaged.begin(), inventory.damaged.end(), by_member);
}

/// The names that a library needs, and those of the set that it mentions besides.
std::uint64_t amount_of_needs(const Library& library, const LibraryNames& names) {
  const std::set<std::string_view> needed(library.image.needed.begin(), library.image.needed.end());
  const auto is_besides = [&](const std::string& name) {
    return names.contains(name) && !needed.contains(name) && name != file_name(library.member);
  };
  return needed.size() + static_cast<std::uint64_t>(std::count_if(
                             library.mentions.begin(), library.mentions.end(), is_besides));
}

/// Libraries are opened in processes of their own, so the work grows with libraries times needs.
/// The largest sets known have 400 libraries with 6,000 needs in all; four times that is an attack.
void check_amount(const std::vector<Inventory>& inventories, const LibraryNames& names) {
  constexpr std::uint64_t kMost = 10'000'000;
  std::uint64_t libraries = 0;
  std::uint64_t needs = 0;
  std::size_t largest = 0;
  for (std::size_t i = 0; i < inventories.size(); ++i) {
    libraries += inventories[i].libraries.size();
    if (inventories[i].libraries.size() > inventories[largest].libraries.size()) {
      largest = i;
    }
    for (const auto& library : inventories[i].libraries) {
      needs += amount_of_needs(library, names);
    }
  }
  if (needs * libraries > kMost) {
    const std::string who = inventories.size() == 1 ? "it has" : "it and the other wheels have";
    throw UnreadableMember(
        largest, wheel::Error("", fmt::format("{} {} libraries that name {} others, more than any "
                                              "real wheel",
                                              who, libraries, needs)));
  }
}

}  // namespace

bool is_library_name(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.ends_with(".so") || name.find(".so.") != std::string_view::npos;
}

std::vector<Inventory> take_inventories(const std::vector<const wheel::WheelFile*>& wheels,
                                        unsigned jobs, Progress& progress,
                                        const MemberFilter& wanted, Purpose purpose) {
  const std::vector<Task> tasks = list_tasks(wheels, wanted);
  const LibraryNames names = library_names(tasks);
  std::vector<std::uint64_t> sizes;
  std::uint64_t total = 0;
  for (const Task& task : tasks) {
    sizes.push_back(task.member->size);
    total += task.member->size;
  }
  const std::vector<bool> with_points = purpose == Purpose::kRewriting
                                            ? choose_for_points(tasks, sizes)
                                            : std::vector<bool>(tasks.size());
  progress.phase("reading", total);
  std::vector<Found> found(tasks.size());
  run_largest_first(sizes, jobs, [&](std::size_t i, bool outlasts) {
    const wheel::Member& member = *tasks[i].member;
    try {
      examine(*wheels[tasks[i].wheel], member, names, outlasts, with_points[i], progress, found[i]);
    } catch (const wheel::Error& error) {
      found[i].damaged =
          DamagedMember{member.name, kind_of_damage(error), error.what(), member.size};
    }
  });
  std::vector<Inventory> inventories(wheels.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    add(inventories[tasks[i].wheel], *wheels[tasks[i].wheel], *tasks[i].member,
        std::move(found[i]));
  }
  for (auto& inventory : inventories) {
    put_in_order(inventory);
    note_openers(inventory);
  }
  check_amount(inventories, names);
  return inventories;
}

void refuse_damaged_members(const std::vector<Inventory>& inventories) {
  const DamagedMember* worst = nullptr;
  std::size_t of = 0;
  for (std::size_t wheel = 0; wheel < inventories.size(); ++wheel) {
    for (const auto& damaged : inventories[wheel].damaged) {
      if (worst == nullptr || damaged.size > worst->size) {
        worst = &damaged;
        of = wheel;
      }
    }
  }
  if (worst != nullptr) {
    throw UnreadableMember(of, wheel::Error(worst->member, worst->why));
  }
}

void refuse_unreadable_libraries(const Inventory& inventory) {
  for (const auto& broken : inventory.unreadable) {
    if (broken.is_library) {
      throw wheel::Error(broken.member, broken.why);
    }
  }
}

}  // namespace spokeshave
