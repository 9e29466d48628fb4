#include "elf/loader_search.h"

#include <algorithm>
#include <utility>

#include "elf/search_path.h"

namespace elf {
namespace {

/// Enough for every real search path (torch's has 12 entries, and its chains are three deep).
constexpr std::size_t kMaxAttempts = 128;

std::string join(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return folder.back() == '/' ? folder + name : folder + '/' + name;
}

}  // namespace

Search::Search(LibrarySet& set, const LoaderChains& chains, const SearchList& ld_library_path,
               const Environment& environment, AttemptBudget& budget)
    : set_(set),
      chains_(chains),
      ld_library_path_(ld_library_path),
      environment_(environment),
      budget_(budget) {}

Resolution Search::find(std::size_t from, const std::string& needed, const std::string& name) {
  result_ = Resolution{.from = from, .needed = needed};
  name_ = name;
  omitted_ = false;
  if (name_.find('/') != std::string::npos) {
    take_path();
  } else {
    search_everywhere();
  }
  if (omitted_ && !result_.attempts.empty()) {
    result_.attempts.push_back({result_.rule, from, 0, name_, "and more, not listed"});
  }
  return std::move(result_);
}

void Search::take_path() {
  const auto candidate =
      name_.front() == '/' ? set_.find_path(normalise_path(name_)) : std::nullopt;
  if (candidate && set_.verdict(*candidate, result_.from) == Verdict::kTaken) {
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
  note({Rule::kPath, result_.from, 0, name_, reason});
}

void Search::search_everywhere() {
  const std::size_t from = result_.from;
  const bool has_runpath = set_[from].runpath.has_value();
  // A library that has a RUNPATH uses no RPATH at all, neither its own nor those of its chain.
  if (has_runpath) {
    note_rpath_failures(std::nullopt);
  } else if (look_along_rpath_chain()) {
    return;
  }
  if (look_in(ld_library_path_, Rule::kLdLibraryPath, from)) return;
  if (has_runpath && look_in(set_.search_list(from), Rule::kRunpath, from)) return;
  if (!ask_system()) note_unused_runpaths();
}

/// RPATH of the library that needs, then of its loader, and on up. True when the search is over.
bool Search::look_along_rpath_chain() {
  std::optional<Hit> hit;
  for (std::size_t owner = result_.from; owner != LoaderChains::kNone && !hit;
       owner = chains_.next_rpath(owner)) {
    if (set_.uses_rpath(owner)) hit = find_in(set_.search_list(owner), owner);
  }
  note_rpath_failures(hit);
  if (hit) settle(*hit, Rule::kRpath);
  return hit.has_value();
}

/// True when the search is over.
bool Search::look_in(const SearchList& list, Rule rule, std::size_t owner) {
  const auto hit = find_in(list, owner);
  note_failures(list, hit ? hit->entry : list.entries().size(), rule, owner);
  if (hit) settle(*hit, rule);
  return hit.has_value();
}

std::optional<Search::Hit> Search::find_in(const SearchList& list, std::size_t owner) const {
  std::optional<Hit> best;
  for (const std::size_t candidate : set_.find_file_name(name_)) {
    const auto entry = list.first_entry(set_.folder_number(candidate));
    if (!entry || (best && best->entry <= *entry)) continue;
    if (set_.verdict(candidate, result_.from) == Verdict::kPassedOver) continue;
    best = Hit{.library = candidate, .owner = owner, .entry = *entry};
  }
  return best;
}

void Search::settle(const Hit& hit, Rule rule) {
  result_.rule = rule;
  result_.to = hit.library;
  result_.path_owner = hit.owner;
  result_.path_entry = hit.entry;
}

bool Search::ask_system() {
  if (environment_.is_system && environment_.is_system(name_)) {
    result_.rule = Rule::kSystem;
    return true;
  }
  if (name_.find('/') == std::string::npos) {
    note({Rule::kSystem, result_.from, 0, name_, "the system has no library of this name"});
  }
  return false;
}

bool Search::has_room() const {
  return budget_.left != 0 && result_.attempts.size() < kMaxAttempts;
}

void Search::note(Attempt attempt) {
  if (!has_room()) {
    omitted_ = true;
    return;
  }
  --budget_.left;
  result_.attempts.push_back(std::move(attempt));
}

void Search::note_failures(const SearchList& list, std::size_t end, Rule rule, std::size_t owner) {
  for (std::size_t i = 0; i < end; ++i) {
    if (!has_room()) {
      omitted_ = true;
      return;
    }
    const SearchList::Entry& entry = list.entries()[i];
    std::string path = join(entry.folder, name_);
    std::string reason = why_not(entry, path);
    note({rule, owner, i, std::move(path), std::move(reason)});
  }
}

/// Each RPATH of the chain up to the one that led to `hit`: where it led, or why it was not used.
void Search::note_rpath_failures(const std::optional<Hit>& hit) {
  const bool ignored = set_[result_.from].runpath.has_value();
  std::size_t owner = result_.from;
  for (std::size_t steps = 0; owner != LoaderChains::kNone && steps < kMaxAttempts; ++steps) {
    const bool is_last = hit && hit->owner == owner;
    if (set_[owner].rpath && (ignored || set_[owner].runpath)) {
      note_skipped_rpath(owner, set_[owner].runpath ? owner : result_.from);
    } else if (set_[owner].rpath) {
      const SearchList& list = set_.search_list(owner);
      note_failures(list, is_last ? hit->entry : list.entries().size(), Rule::kRpath, owner);
    }
    if (is_last) return;
    owner = chains_.loader_of(owner);
  }
  omitted_ = omitted_ || owner != LoaderChains::kNone;
}

void Search::note_skipped_rpath(std::size_t owner, std::size_t has_runpath) {
  note({Rule::kRpath, owner, 0, *set_[owner].rpath,
        "skipped: `" + std::string(set_.name_of(has_runpath)) +
            "` has a RUNPATH, so RPATH is not used"});
}

/// RUNPATH is the kind that is not inherited: the most frequent reason why a library is not found
/// although a path of what loaded it names its folder.
void Search::note_unused_runpaths() {
  std::size_t owner = chains_.loader_of(result_.from);
  for (std::size_t steps = 0; owner != LoaderChains::kNone && steps < kMaxAttempts; ++steps) {
    if (set_[owner].runpath) {
      const auto hit = find_in(set_.search_list(owner), owner);
      if (hit && set_.verdict(hit->library, result_.from) == Verdict::kTaken) {
        note({Rule::kRunpath, owner, hit->entry, set_[hit->library].path,
              "skipped: a RUNPATH serves only the library that has it"});
      }
    }
    owner = chains_.loader_of(owner);
  }
}

std::string Search::why_not(const SearchList::Entry& entry, const std::string& path) const {
  if (!entry.why_not.empty()) return entry.why_not;
  const auto there = set_.find_path(path);
  return there ? refusal(*there) : "no such file";
}

std::string Search::refusal(std::size_t candidate) const {
  const InstalledLibrary& theirs = set_[candidate];
  const InstalledLibrary& ours = set_[result_.from];
  if (theirs.format.elf_class != ours.format.elf_class) return "wrong class";
  if (theirs.format.byte_order != ours.format.byte_order) {
    return "wrong byte order";
  }
  return "wrong machine";
}

}  // namespace elf
