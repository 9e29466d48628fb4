#include "elf/loader_search.h"

#include <utility>

#include "elf/search_path.h"

namespace elf {
namespace {

std::string join(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return folder.back() == '/' ? folder + name : folder + '/' + name;
}

}  // namespace

std::size_t bytes_of(const Attempt& attempt) {
  return sizeof attempt + attempt.path.size() + attempt.why_not.size();
}

Resolution Search::find(std::size_t from, const std::string& needed, const std::string& name,
                        Asker asker) {
  const Noted noted = context_.environment.noted;
  result_ = Resolution{.from = from, .needed = needed};
  name_ = name;
  noting_ = noted == Noted::kAll;
  search(asker);
  if (result_.rule == Rule::kMissing && noted == Noted::kOfMissing) {
    noting_ = true;
    search(asker);
  }
  return std::move(result_);
}

void Search::search(Asker asker) {
  if (name_.find('/') != std::string::npos) {
    take_path();
  } else {
    search_everywhere(asker);
  }
}

void Search::take_path() {
  const auto candidate =
      name_.front() == '/' ? set().find_path(normalise_path(name_)) : std::nullopt;
  if (candidate && set().verdict(*candidate, from()) == Verdict::kTaken) {
    result_.rule = Rule::kPath;
    result_.to = candidate;
    return;
  }
  std::string reason = "no such file";
  if (candidate) {
    reason = refusal(*candidate);
  } else if (name_.front() != '/') {
    reason = "relative to the current folder";
  } else if (ask_system()) {
    return;
  }
  note({Rule::kPath, from(), 0, name_, reason});
}

bool Search::look_in(const SearchList& list, Rule rule, std::size_t owner) {
  const auto hit = find_in(list, owner);
  note_failures(list, hit ? hit->entry : list.entries().size(), rule, owner);
  if (hit) settle(*hit, rule);
  return hit.has_value();
}

std::optional<Search::Hit> Search::find_in(const SearchList& list, std::size_t owner) const {
  std::optional<Hit> best;
  for (const std::size_t candidate : set().find_file_name(name_)) {
    const auto entry = list.first_entry(set().folder_number(candidate));
    if (!entry || (best && best->entry <= *entry)) continue;
    if (set().verdict(candidate, from()) == Verdict::kPassedOver) continue;
    best = Hit{.library = candidate, .owner = owner, .entry = *entry};
  }
  return best;
}

void Search::settle(const Hit& hit, Rule rule) {
  if (set().verdict(hit.library, from()) == Verdict::kRefused) {
    note({rule, hit.owner, hit.entry, set()[hit.library].path,
          refusal(hit.library) + ": the search ends at the first file of this name"});
    return;
  }
  result_.rule = rule;
  result_.to = hit.library;
  result_.path_owner = hit.owner;
  result_.path_entry = hit.entry;
}

bool Search::ask_system() {
  const Environment& environment = context_.environment;
  if (environment.is_system && environment.is_system(name_)) {
    result_.rule = Rule::kSystem;
    return true;
  }
  if (name_.find('/') == std::string::npos) {
    note({Rule::kSystem, from(), 0, name_, "the system has no library of this name"});
  }
  return false;
}

bool Search::has_room() const {
  return context_.budget.left != 0 && result_.attempts.size() < kMaxAttempts;
}

void Search::note(Attempt attempt) {
  if (!noting_) return;
  const std::size_t bytes = bytes_of(attempt);
  if (bytes > context_.budget.left) context_.budget.left = 0;
  if (!has_room()) return note_omission();
  context_.budget.left -= bytes;
  result_.attempts.push_back(std::move(attempt));
}

void Search::note_failures(const SearchList& list, std::size_t end, Rule rule, std::size_t owner) {
  if (!noting_) return;
  for (std::size_t i = 0; i < end; ++i) {
    if (!has_room()) {
      result_.omitted_attempts += end - i;
      return;
    }
    const SearchList::Entry& entry = list.entries()[i];
    std::string path = join(entry.folder, name_);
    std::string reason = why_not(entry, path);
    note({rule, owner, i, std::move(path), std::move(reason)});
  }
}

std::string Search::why_not(const SearchList::Entry& entry, const std::string& path) const {
  if (!entry.why_not.empty()) return entry.why_not;
  const auto there = set().find_path(path);
  return there ? refusal(*there) : "no such file";
}

std::string Search::refusal(std::size_t candidate) const {
  const InstalledLibrary& theirs = set()[set().file_of(candidate)];
  const InstalledLibrary& ours = set()[from()];
  if (theirs.format.elf_class != ours.format.elf_class) return "wrong class";
  if (theirs.format.byte_order != ours.format.byte_order) return "wrong byte order";
  return "wrong machine";
}

}  // namespace elf
