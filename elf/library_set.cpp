#include "elf/library_set.h"

#include <algorithm>

#include "elf/search_path.h"

namespace elf {
namespace {

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return path.substr(0, std::max<std::size_t>(slash, 1));
}

std::string_view file_name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

SearchList::Entry to_entry(const std::string& folder) {
  // dl-load.c, fillin_rpath: an entry that is empty means the current folder, as any relative one
  // does.
  if (folder.empty()) return {{}, "skipped: an empty entry means the current folder"};
  if (folder.front() != '/') return {folder, "skipped: relative to the current folder"};
  return {normalise_path(folder), {}};
}

}  // namespace

SearchList::SearchList(const std::vector<std::string>& folders,
                       const std::unordered_map<std::string, std::size_t>& folder_numbers) {
  entries_.reserve(folders.size());
  for (const std::string& folder : folders) {
    entries_.push_back(to_entry(folder));
    if (!entries_.back().why_not.empty()) continue;
    const auto number = folder_numbers.find(entries_.back().folder);
    if (number != folder_numbers.end()) {
      first_entries_.try_emplace(number->second, entries_.size() - 1);
    }
  }
}

std::optional<std::size_t> SearchList::first_entry(std::size_t folder_number) const {
  const auto found = first_entries_.find(folder_number);
  if (found == first_entries_.end()) return std::nullopt;
  return found->second;
}

bool SearchList::covers(const SearchList& other) const {
  return std::ranges::all_of(other.first_entries_, [this](const auto& folder_and_entry) {
    return first_entries_.contains(folder_and_entry.first);
  });
}

LibrarySet::LibrarySet(const std::vector<InstalledLibrary>& libraries) : libraries_(libraries) {
  by_path_.reserve(libraries.size());
  by_file_name_.reserve(libraries.size());
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    const InstalledLibrary& library = libraries[i];
    abis_of_.push_back(number_abi({library.format, library.machine}));
    folders_of_.push_back(
        folder_numbers_.try_emplace(std::string(folder_of(library.path)), folder_numbers_.size())
            .first->second);
    if (by_path_.try_emplace(library.path, i).second) {
      by_file_name_[file_name_of(library.path)].push_back(i);
    }
  }
}

std::size_t LibrarySet::number_abi(const Abi& abi) {
  const auto found = std::find(abis_.begin(), abis_.end(), abi);
  const auto number = static_cast<std::size_t>(found - abis_.begin());
  if (found == abis_.end()) abis_.push_back(abi);
  return number;
}

std::string_view LibrarySet::name_of(std::size_t library) const {
  return file_name_of(libraries_[library].path);
}

std::optional<std::size_t> LibrarySet::find_path(std::string_view normalised_path) const {
  const auto found = by_path_.find(normalised_path);
  if (found == by_path_.end()) return std::nullopt;
  return found->second;
}

const std::vector<std::size_t>& LibrarySet::find_file_name(std::string_view name) const {
  static const std::vector<std::size_t> kNone;
  const auto found = by_file_name_.find(name);
  return found == by_file_name_.end() ? kNone : found->second;
}

Verdict LibrarySet::verdict(std::size_t candidate, std::size_t needed_by) const {
  return abis_of_[candidate] == abis_of_[needed_by] ? Verdict::kTaken : Verdict::kPassedOver;
}

std::string LibrarySet::expand(std::size_t library, std::string_view text) const {
  return expand_tokens(text, {.origin = std::string(folder_of(libraries_[library].path))});
}

const SearchList& LibrarySet::search_list(std::size_t library) {
  const auto [place, is_new] = search_lists_.try_emplace(library);
  const auto& runpath = libraries_[library].runpath;
  const auto& search_path = runpath ? runpath : libraries_[library].rpath;
  // dl-load.c, decompose_rpath: a path of no letters is no path, not the current folder.
  if (is_new && search_path && !search_path->empty()) {
    const Tokens tokens{.origin = std::string(folder_of(libraries_[library].path))};
    place->second = list_of(expand_search_path(*search_path, tokens));
  }
  return place->second;
}

}  // namespace elf
