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
  fresh.original = originals_.find(path);
  count(fresh.original ? fresh.original->content.size() : 0);
  fresh.now = fresh.original;
  return entries_.emplace(path, std::move(fresh)).first->second;
}

void DiffState::count(std::uint64_t bytes) {
  bytes_ += bytes;
  if (bytes_ > kMostBytes) {
    throw Failure(
        ExitCode::kFailed, "cannot apply the diffs",
        fmt::format("the files that they change have more than {}", format_size(kMostBytes)),
        "apply them in several runs");
  }
}

void DiffState::load(DiffedFile& file) {
  if (file.unread_from.empty()) {
    return;
  }
  Entry& source = entry(file.unread_from);
  if (!source.original->unread_from.empty()) {
    const bool is_as_before = source.now == source.original;
    source.original->content = originals_.read(file.unread_from);
    source.original->unread_from.clear();
    count(source.original->content.size());
    if (is_as_before) {  // so that it still counts as unchanged
      source.now = source.original;
    }
  }
  file.content = source.original->content;
  file.unread_from.clear();
}

bool DiffState::holds(const std::string& path, const DiffedFile& file) {
  try {
    DiffedFile there = *at(path);
    DiffedFile wanted = file;
    load(there);
    load(wanted);
    return there.content == wanted.content;
  } catch (const Failure&) {
    return false;
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
