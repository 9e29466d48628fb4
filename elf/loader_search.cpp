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
  omitted_ = 0;
  if (name_.find('/') != std::string::npos) {
    take_path();
  } else {
    search_everywhere();
  }
  note_omitted();
  return std::move(result_);
}

void Search::search_everywhere() {
  const std::size_t from = result_.from;
  const bool has_runpath = set_[from].runpath.has_value();
  if (has_runpath) {
    note_ignored_rpath_chain();
  } else if (look_along_rpath_chain()) {
    return;
  }
  if (look_in(ld_library_path_, Rule::kLdLibraryPath, from)) return;
  if (has_runpath && look_in(set_.search_list(from), Rule::kRunpath, from)) return;
  if (!ask_system()) explain_unused_runpaths();
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

/// RPATH of the library that needs, then of its loader, and on up. True when the search is over.
bool Search::look_along_rpath_chain() {
  for (std::size_t owner = result_.from; owner != LoaderChains::kNone;
       owner = chains_.loader_of(owner)) {
    if (!set_[owner].rpath) continue;
    if (set_[owner].runpath) {
      note_skipped_rpath(owner, owner);
    } else if (look_in(set_.search_list(owner), Rule::kRpath, owner)) {
      return true;
    }
  }
  return false;
}

/// A library that has a RUNPATH uses no RPATH at all, neither its own nor those of its chain.
void Search::note_ignored_rpath_chain() {
  std::size_t owner = result_.from;
  for (std::size_t steps = 0; owner != LoaderChains::kNone && steps < kMaxAttempts; ++steps) {
    if (set_[owner].rpath) note_skipped_rpath(owner, result_.from);
    owner = chains_.loader_of(owner);
  }
}

void Search::note_skipped_rpath(std::size_t owner, std::size_t has_runpath) {
  note({Rule::kRpath, owner, 0, *set_[owner].rpath,
        "skipped: `" + std::string(set_.name_of(has_runpath)) +
            "` has a RUNPATH, so RPATH is not used"});
}

/// True when the search is over: found, or ended by a file that ld.so takes offence at.
bool Search::look_in(const SearchList& list, Rule rule, std::size_t owner) {
  std::optional<std::size_t> best_entry;
  std::size_t best = 0;
  for (const std::size_t candidate : set_.find_file_name(name_)) {
    const auto entry = list.first_entry(set_.folder_number(candidate));
    if (!entry || (best_entry && *best_entry <= *entry)) continue;
    if (set_.verdict(candidate, result_.from) == Verdict::kPassedOver) continue;
    best_entry = entry;
    best = candidate;
  }
  note_failures(list, best_entry.value_or(list.entries().size()), rule, owner);
  if (!best_entry) return false;
  if (set_.verdict(best, result_.from) == Verdict::kFatal) {
    note({rule, owner, *best_entry, set_[best].path, refusal(best)});
    return true;
  }
  result_.rule = rule;
  result_.to = best;
  result_.path_owner = owner;
  result_.path_entry = *best_entry;
  return true;
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

/// RUNPATH is the kind that is not inherited: the most frequent reason why a library is not found
/// although a path of what loaded it names its folder.
void Search::explain_unused_runpaths() {
  std::size_t owner = chains_.loader_of(result_.from);
  for (std::size_t steps = 0; owner != LoaderChains::kNone && steps < kMaxAttempts; ++steps) {
    if (set_[owner].runpath) {
      for (const std::size_t candidate : set_.find_file_name(name_)) {
        const auto entry = set_.search_list(owner).first_entry(set_.folder_number(candidate));
        if (!entry || set_.verdict(candidate, result_.from) != Verdict::kTaken) continue;
        note({Rule::kRunpath, owner, *entry, set_[candidate].path,
              "skipped: a RUNPATH serves only the library that has it"});
        break;
      }
    }
    owner = chains_.loader_of(owner);
  }
}

void Search::note_failures(const SearchList& list, std::size_t end, Rule rule, std::size_t owner) {
  for (std::size_t i = 0; i < end; ++i) {
    if (budget_.left == 0 || result_.attempts.size() >= kMaxAttempts) {
      omitted_ += end - i;
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
  const auto there = set_.find_path(path);
  return there ? refusal(*there) : "no such file";
}

std::string Search::refusal(std::size_t candidate) const {
  const InstalledLibrary& theirs = set_[candidate];
  const InstalledLibrary& ours = set_[result_.from];
  if (theirs.format.elf_class != ours.format.elf_class) return "wrong class";
  if (theirs.format.byte_order != ours.format.byte_order) {
    return "wrong byte order: the loader gives up here";
  }
  return "wrong machine";
}

void Search::note(Attempt attempt) {
  if (budget_.left == 0 || result_.attempts.size() >= kMaxAttempts) {
    ++omitted_;
    return;
  }
  --budget_.left;
  result_.attempts.push_back(std::move(attempt));
}

void Search::note_omitted() {
  if (omitted_ == 0 || (budget_.left == 0 && result_.attempts.empty())) return;
  result_.attempts.push_back(
      {result_.rule, result_.from, 0, name_, "not listed: " + std::to_string(omitted_) + " more"});
}

}  // namespace elf
