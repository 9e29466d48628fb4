#include "src/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "elf/error.h"
#include "elf/name_scanner.h"
#include "src/failure.h"
#include "src/glob.h"
#include "src/member_source.h"
#include "src/text_evidence.h"
#include "src/workers.h"
#include "wheel/error.h"
#include "wheel/member_stream.h"

namespace spokeshave {

namespace {

constexpr std::size_t kElfMagicSize = 4;
constexpr std::size_t kMostNeeded = 4096;  // of one library; real ones have up to 100

/// What was found in one member: at most one of the first two.
struct Found {
  std::optional<Library> library;
  std::optional<UnreadableElf> unreadable;
  NamedLibraries named;  ///< what a text names
};

bool is_library_name(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.ends_with(".so") || name.find(".so.") != std::string_view::npos;
}

/// Every member but folders and RECORD itself, which has no row, the largest first.
std::vector<const wheel::Member*> by_size(const wheel::WheelFile& wheel) {
  std::vector<const wheel::Member*> members;
  for (const auto& member : wheel.archive.members()) {
    if (!member.is_folder()) {
      members.push_back(&member);
    }
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const auto* a, const auto* b) { return a->size > b->size; });
  return members;
}

/// RECORD and its signatures have no row with a hash; open_wheel has seen to it that all else has.
void expect_hash_of_record(wheel::MemberStream& stream, const wheel::WheelFile& wheel,
                           const wheel::Member& member) {
  const auto row = wheel.rows.find(member.name);
  if (row != wheel.rows.end() && !row->second.hash.empty()) {
    stream.expect(row->second.hash);
  }
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
    const std::string why = fmt::format("{} (offset {:#x})", error.what(), error.offset());
    if (is_library_name(member.name)) {
      throw wheel::Error(member.name, why);
    }
    // A test file, an object for another tool: not ours to judge.
    found.unreadable = UnreadableElf{member.name, why};
  }
}

bool begins_as_elf(wheel::MemberStream& stream) {
  if (stream.size() < kElfMagicSize) {
    return false;
  }
  std::array<std::byte, kElfMagicSize> magic{};
  stream.read(0, magic);
  return elf::has_elf_magic(magic);
}

Found examine(const wheel::WheelFile& wheel, const wheel::Member& member, const LibraryNames& names,
              Progress& progress) {
  Found found;
  wheel::MemberStream stream(wheel.archive, member);
  expect_hash_of_record(stream, wheel, member);
  elf::NameScanner scanner;
  std::string text;
  const bool is_text = is_evidence_text(member.name, member.size);
  bool is_elf = false;
  bool decided = false;
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
  if (begins_as_elf(stream)) {
    read_library(stream, wheel, member, found);
  }
  stream.finish();
  if (found.library) {
    found.library->mentions = scanner.names();
  }
  if (is_text) {
    found.named = libraries_named(member.name, text, names);
  }
  return found;
}

/// Each library is opened in a process of its own, so the work grows with libraries times needs.
/// The largest wheels known have 400 libraries with 6,000 needs in all; four times that is an
/// attack.
void check_amount(const std::vector<Library>& libraries, const LibraryNames& names) {
  constexpr std::uint64_t kMost = 10'000'000;
  std::uint64_t needs = libraries.size();
  for (const auto& library : libraries) {
    needs += library.image.needed.size();
    needs += static_cast<std::uint64_t>(
        std::count_if(library.mentions.begin(), library.mentions.end(),
                      [&](const std::string& name) { return names.contains(name); }));
  }
  if (needs * libraries.size() > kMost) {
    throw wheel::Error(
        "", fmt::format("it has {} libraries that name {} others, more than any real wheel",
                        libraries.size(), needs));
  }
}

Inventory collect(std::vector<Found>&& found, const std::vector<const wheel::Member*>& members,
                  const LibraryNames& names) {
  Inventory inventory;
  std::map<std::string, std::vector<std::string>> opened_by;  // library's file name -> Python files
  for (std::size_t i = 0; i < members.size(); ++i) {
    inventory.installed_bytes += members[i]->size;
    if (found[i].library) {
      inventory.libraries.push_back(std::move(*found[i].library));
    }
    if (found[i].unreadable) {
      inventory.unreadable.push_back(std::move(*found[i].unreadable));
    }
    for (const auto& name : found[i].named.opened) {
      opened_by[name].push_back(members[i]->name);
    }
    if (!found[i].named.linked.empty()) {
      inventory.text_mentions.push_back({members[i]->name, std::move(found[i].named.linked)});
    }
  }
  for (auto& library : inventory.libraries) {
    library.opened_by = opened_by[std::string(file_name(library.member))];
    std::sort(library.opened_by.begin(), library.opened_by.end());
  }
  check_amount(inventory.libraries, names);
  const auto by_member = [](const auto& a, const auto& b) { return a.member < b.member; };
  std::sort(inventory.libraries.begin(), inventory.libraries.end(), by_member);
  std::sort(inventory.text_mentions.begin(), inventory.text_mentions.end(), by_member);
  std::sort(inventory.unreadable.begin(), inventory.unreadable.end(), by_member);
  return inventory;
}

}  // namespace

Inventory take_inventory(const wheel::WheelFile& wheel, unsigned jobs, Progress& progress) {
  const auto members = by_size(wheel);
  LibraryNames names;
  std::uint64_t total = 0;
  for (const auto* member : members) {
    total += member->size;
    if (is_library_name(member->name)) {
      names.emplace(file_name(member->name));
    }
  }
  progress.phase("reading", total);
  std::vector<Found> found(members.size());
  run_parallel(members.size(), jobs,
               [&](std::size_t i) { found[i] = examine(wheel, *members[i], names, progress); });
  return collect(std::move(found), members, names);
}

}  // namespace spokeshave
