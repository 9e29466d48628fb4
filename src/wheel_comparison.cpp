#include "src/wheel_comparison.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <tuple>
#include <utility>

#include "src/glob.h"
#include "src/inventory.h"
#include "wheel/filename.h"

namespace spokeshave {

namespace {

constexpr std::uint32_t kPermissions = 07777;

/// RECORD follows from all else, and its signatures hold for that one only.
bool is_record(const wheel::WheelFile& wheel, const std::string& member) {
  const std::string record = wheel.dist_info + "/RECORD";
  return member == record || member == record + ".jws" || member == record + ".p7s";
}

bool same_mode(const ComparedMember& a, const ComparedMember& b) {
  return a.mode == b.mode || a.mode == 0 || b.mode == 0;
}

/// The file name with the folder that it lies in.
std::string_view last_two(std::string_view path) {
  const std::string_view folder = folder_of(path);
  const std::size_t slash = folder.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// Pairs up the files of two sides, by one criterion after another.
class Pairing {
 public:
  using Place = std::pair<std::size_t, std::size_t>;  // wheel, member

  explicit Pairing(WheelComparison& comparison) : comparison_(comparison) {
    comparison.now.resize(comparison.original.members.size());
    for (const auto& wheel : comparison.wheels) {
      taken_.emplace_back(wheel.members.size(), false);
    }
  }

  /// Pairs what has the same key, in order; what has none stays alone.
  template <typename KeyOf>
  void pair_by(const KeyOf& key_of) {
    using Key = typename decltype(key_of(std::declval<const ComparedMember&>()))::value_type;
    std::map<Key, std::deque<Place>> free;
    for (std::size_t wheel = 0; wheel < comparison_.wheels.size(); ++wheel) {
      const auto& members = comparison_.wheels[wheel].members;
      for (std::size_t i = 0; i < members.size(); ++i) {
        if (const auto key = key_of(members[i]); key && !taken_[wheel][i]) {
          free[*key].push_back({wheel, i});
        }
      }
    }
    for (std::size_t i = 0; i < comparison_.now.size(); ++i) {
      const auto key = key_of(comparison_.original.members[i]);
      const auto found = key ? free.find(*key) : free.end();
      if (comparison_.now[i] || found == free.end() || found->second.empty()) {
        continue;
      }
      comparison_.now[i] = found->second.front();
      taken_[found->second.front().first][found->second.front().second] = true;
      found->second.pop_front();
    }
  }

  bool is_taken(const Place& place) const { return taken_[place.first][place.second]; }

 private:
  WheelComparison& comparison_;
  std::vector<std::vector<bool>> taken_;
};

using Content = std::tuple<std::uint64_t, std::uint32_t, std::string_view>;

Content content_of(const ComparedMember& member) {
  return {member.size, member.crc, member.hash};
}

void pair_up(Pairing& pairing) {
  using View = std::string_view;
  pairing.pair_by([](const ComparedMember& member) { return std::optional<View>(member.path); });
  pairing.pair_by([](const ComparedMember& member) {
    return std::optional(std::pair(content_of(member), file_name(member.path)));
  });
  // Files of no bytes have the content of each other, and nothing to do with each other.
  pairing.pair_by([](const ComparedMember& member) {
    return member.size == 0 ? std::nullopt : std::optional(content_of(member));
  });
  // A library that was moved and rewritten, as a split does it.
  pairing.pair_by([](const ComparedMember& member) {
    return member.is_library ? std::optional<View>(last_two(member.path)) : std::nullopt;
  });
  pairing.pair_by([](const ComparedMember& member) {
    return member.is_library ? std::optional<View>(file_name(member.path)) : std::nullopt;
  });
}

std::optional<MemberChange::Kind> kind_of(const ComparedMember& before,
                                          const ComparedMember& after) {
  using Kind = MemberChange::Kind;
  if (!same_content(before, after)) {
    return Kind::kChanged;
  }
  if (before.path != after.path) {
    return Kind::kMoved;
  }
  return same_mode(before, after) ? std::nullopt : std::optional(Kind::kMode);
}

void list_changes(WheelComparison& comparison, const Pairing& pairing) {
  using Kind = MemberChange::Kind;
  for (std::size_t i = 0; i < comparison.now.size(); ++i) {
    const auto& now = comparison.now[i];
    if (!now) {
      comparison.changes.push_back({.kind = Kind::kRemoved, .before = i, .wheel = {}});
      continue;
    }
    const auto kind =
        kind_of(comparison.original.members[i], comparison.wheels[now->first].members[now->second]);
    if (kind) {
      comparison.changes.push_back(
          {.kind = *kind, .before = i, .wheel = now->first, .after = now->second});
    } else {
      ++comparison.unchanged;
    }
  }
  for (std::size_t wheel = 0; wheel < comparison.wheels.size(); ++wheel) {
    for (std::size_t i = 0; i < comparison.wheels[wheel].members.size(); ++i) {
      if (!pairing.is_taken({wheel, i})) {
        comparison.changes.push_back(
            {.kind = Kind::kAdded, .before = {}, .wheel = wheel, .after = i});
      }
    }
  }
}

void list_conflicts(WheelComparison& comparison) {
  std::map<std::string_view, Pairing::Place> first;
  for (std::size_t wheel = 0; wheel < comparison.wheels.size(); ++wheel) {
    const auto& members = comparison.wheels[wheel].members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto [other, is_new] = first.try_emplace(members[i].path, wheel, i);
      const auto& [other_wheel, other_member] = other->second;
      if (!is_new && other_wheel != wheel &&
          !same_content(comparison.wheels[other_wheel].members[other_member], members[i])) {
        comparison.conflicts.push_back({wheel, i, other_wheel, other_member});
      }
    }
  }
}

void list_folders(WheelComparison& comparison) {
  for (const auto& wheel : comparison.wheels) {
    const auto add = [&](const std::string& before, const std::string& after) {
      if (wheel.is_main && !before.empty() && !after.empty() && before != after) {
        comparison.folders.push_back({before, after});
      }
    };
    add(comparison.original.dist_info, wheel.dist_info);
    add(comparison.original.data, wheel.data);
  }
}

}  // namespace

bool same_content(const ComparedMember& a, const ComparedMember& b) {
  // A hash of another kind says nothing: the CRC must do.
  const auto kind = [](const std::string& hash) { return hash.substr(0, hash.find('=')); };
  const bool comparable = !a.hash.empty() && kind(a.hash) == kind(b.hash);
  return a.size == b.size && a.crc == b.crc && (!comparable || a.hash == b.hash);
}

ComparedWheel compared_wheel(const wheel::WheelFile& wheel, bool is_main) {
  ComparedWheel result{is_main, wheel.dist_info, wheel.data, {}};
  for (const auto& member : wheel.archive.members()) {
    if (member.is_folder() || is_record(wheel, member.name)) {
      continue;
    }
    const auto row = wheel.rows.find(member.name);
    std::string path = wheel::installed_path(wheel, member.name);
    if (is_main && path.starts_with(wheel.dist_info + "/")) {
      path = "*.dist-info" + path.substr(wheel.dist_info.size());
    }
    const bool is_library = is_library_name(path);
    result.members.push_back({.name = member.name,
                              .path = std::move(path),
                              .size = member.size,
                              .crc = member.crc,
                              .mode = member.mode & kPermissions,
                              .hash = row ? row->hash : "",
                              .is_library = is_library});
  }
  return result;
}

const ComparedMember* WheelComparison::before(const MemberChange& change) const {
  return change.before ? &original.members[*change.before] : nullptr;
}

const ComparedMember* WheelComparison::after(const MemberChange& change) const {
  return change.wheel ? &wheels[*change.wheel].members[change.after] : nullptr;
}

WheelComparison compare_members(ComparedWheel&& original, std::vector<ComparedWheel>&& wheels) {
  WheelComparison comparison;
  comparison.original = std::move(original);
  comparison.wheels = std::move(wheels);
  Pairing pairing(comparison);
  pair_up(pairing);
  list_changes(comparison, pairing);
  list_conflicts(comparison);
  list_folders(comparison);
  return comparison;
}

std::optional<std::size_t> main_wheel(const wheel::WheelFile& original,
                                      const std::vector<const wheel::WheelFile*>& wheels) {
  const std::string name = wheel::normalise_name(original.filename.distribution);
  for (std::size_t i = 0; i < wheels.size(); ++i) {
    if (wheel::normalise_name(wheels[i]->filename.distribution) == name) {
      return i;
    }
  }
  return wheels.size() == 1 ? std::optional<std::size_t>(0) : std::nullopt;
}

const char* to_string(MemberChange::Kind kind) {
  constexpr std::array<const char*, 5> kNames = {"added", "removed", "changed", "moved", "mode"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace spokeshave
