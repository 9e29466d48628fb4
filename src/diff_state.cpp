#include "src/diff_state.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "src/failure.h"
#include "src/size.h"

namespace spokeshave {

namespace {

constexpr std::uint64_t kMostBytes = 512'000'000;

}  // namespace

DiffState::Entry& DiffState::entry(const std::string& path) {
  const auto found = entries_.find(path);
  if (found != entries_.end()) {
    return found->second;
  }
  Entry fresh;
  fresh.original = read_original_(path);
  bytes_ += fresh.original ? fresh.original->content.size() : 0;
  if (bytes_ > kMostBytes) {
    throw Failure(
        ExitCode::kFailed, "cannot apply the diffs",
        fmt::format("the files that they name have more than {}", format_size(kMostBytes)),
        "apply them in several runs");
  }
  fresh.now = fresh.original;
  return entries_.emplace(path, std::move(fresh)).first->second;
}

bool DiffState::exists(const std::string& path) {
  try {
    return at(path).has_value();
  } catch (const Failure&) {
    return true;
  }
}

void DiffState::put(const std::string& path, DiffedFile file) {
  Entry& there = entry(path);
  there.now = std::move(file);
}

void DiffState::remove(const std::string& path) {
  Entry& there = entry(path);
  there.now.reset();
  there.came_from.clear();
}

void DiffState::move(std::vector<Move> moves) {
  std::vector<std::string> first_paths;
  for (const auto& move : moves) {
    const std::string& came_from = entry(move.from).came_from;
    first_paths.push_back(came_from.empty() ? move.from : came_from);
  }
  for (const auto& move : moves) {
    remove(move.from);
  }
  for (std::size_t i = 0; i < moves.size(); ++i) {
    Entry& there = entry(moves[i].to);
    there.now = std::move(moves[i].file);
    there.came_from = first_paths[i] == moves[i].to ? "" : first_paths[i];
  }
}

bool DiffState::was_renamed(const std::string& path, const Entry& entry) const {
  if (entry.came_from.empty() || !entry.now || entry.original) {
    return false;
  }
  const auto source = entries_.find(entry.came_from);
  return source != entries_.end() && source->first != path && source->second.original &&
         !source->second.now;
}

void DiffState::check_folders(const std::string& path) {
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (const std::string folder = path.substr(0, slash); exists(folder)) {
      throw Failure(ExitCode::kFound, fmt::format("diffs cannot make `{}`", path),
                    fmt::format("`{}` is a file", folder), "take it out of the diffs");
    }
  }
}

std::vector<FileChange> DiffState::changes() {
  using Kind = FileChange::Kind;
  std::vector<FileChange> changes;
  std::set<std::string> moved_away;
  for (const auto& [path, entry] : entries_) {
    if (was_renamed(path, entry)) {
      moved_away.insert(entry.came_from);
    }
  }
  for (const auto& [path, entry] : entries_) {
    if (was_renamed(path, entry)) {
      changes.push_back({Kind::kRenamed, path, entry.came_from, *entry.now});
    } else if (entry.now && entry.now != entry.original) {
      changes.push_back({entry.original ? Kind::kChanged : Kind::kAdded, path, {}, *entry.now});
    } else if (entry.original && !entry.now && !moved_away.contains(path)) {
      changes.push_back({Kind::kDeleted, path, {}, {}});
    }
  }
  for (const auto& change : changes) {
    if (change.kind == Kind::kAdded || change.kind == Kind::kRenamed) {
      check_folders(change.path);
    }
  }
  return changes;
}

}  // namespace spokeshave
