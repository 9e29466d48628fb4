#include "elf/library_set.h"

#include <algorithm>
#include <utility>

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

SearchList::Entry to_entry(const std::string& folder, const std::string& why_not_empty) {
  if (folder.empty()) return {{}, why_not_empty};
  if (folder.front() != '/') return {folder, "skipped: relative to the current folder"};
  return {normalise_path(folder), {}};
}

}  // namespace

SearchList::SearchList(const std::vector<std::string>& folders,
                       const std::unordered_map<std::string, std::size_t>& folder_numbers,
                       const std::string& why_not_empty) {
  entries_.reserve(folders.size());
  for (const std::string& folder : folders) {
    entries_.push_back(to_entry(folder, why_not_empty));
    if (!entries_.back().why_not.empty()) continue;
    const auto number = folder_numbers.find(entries_.back().folder);
    if (number != folder_numbers.end()) {
      first_entries_.try_emplace(number->second, entries_.size() - 1);
    }
  }
}

SearchList SearchList::unused(std::string why) {
  SearchList list;
  list.why_unused_ = std::move(why);
  return list;
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

LibrarySet::LibrarySet(const std::vector<InstalledLibrary>& libraries,
                       const Environment& environment)
    : libraries_(libraries),
      rules_(LoaderRules::of(environment.loader)),
      lib_(environment.lib),
      platform_(environment.platform),
      files_of_(libraries.size()) {
  by_path_.reserve(libraries.size());
  by_file_name_.reserve(libraries.size());
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    const InstalledLibrary& library = libraries[i];
    abis_of_.push_back(number_abi({library.format, library.machine}));
    folders_of_.push_back(
        folder_numbers_.try_emplace(std::string(folder_of(library.path)), folder_numbers_.size())
            .first->second);
    opened_as_.push_back(i);
    files_of_[i] = i;
    if (!library.link_to) add_path(i, i);
  }
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    if (!libraries[i].link_to) continue;
    const auto file = by_path_.find(*libraries[i].link_to);
    if (file != by_path_.end() && !libraries[file->second].link_to) add_path(i, file->second);
  }
}

void LibrarySet::add_path(std::size_t path, std::size_t file) {
  files_of_[path] = file;
  if (by_path_.try_emplace(libraries_[path].path, path).second) {
    by_file_name_[file_name_of(libraries_[path].path)].push_back(path);
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
  return abi_number(candidate) == abi_number(needed_by) ? Verdict::kTaken
                                                        : rules_.verdict_of_foreign();
}

void LibrarySet::open_as(std::size_t library, std::size_t path) {
  if (opened_as_[library] == path) return;
  opened_as_[library] = path;
  search_lists_.erase(library);
}

Tokens LibrarySet::tokens(std::size_t library) const {
  Tokens tokens{.origin = std::string(folder_of(opened_path(library)))};
  if (!libraries_[library].format.is_64()) tokens.lib = "lib";
  if (!lib_.empty()) tokens.lib = lib_;
  if (!platform_.empty()) tokens.platform = platform_;
  return tokens;
}

const SearchList& LibrarySet::search_list(std::size_t library) {
  const auto [place, is_new] = search_lists_.try_emplace(library);
  const auto& runpath = libraries_[library].runpath;
  const auto& search_path = runpath ? runpath : libraries_[library].rpath;
  if (is_new && search_path) {
    SearchPath read = rules_.read_path(*search_path, tokens(library));
    place->second = read.why_unused.empty() ? list_of(read.folders)
                                            : SearchList::unused(std::move(read.why_unused));
  }
  return place->second;
}

}  // namespace elf
