#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "elf/loader_rules.h"

// The set of libraries as the loader model asks about it: by path, by file name, by folder. Each
// question is a look-up, so that a path of a thousand entries in a set of a thousand libraries
// costs no million comparisons.
namespace elf {

/// A search path: its folders, and where in it each folder of the set stands first.
class SearchList {
 public:
  struct Entry {
    std::string folder;   ///< absolute and normalised
    std::string why_not;  ///< why the entry leads nowhere; empty where it may lead somewhere
  };
  SearchList() = default;
  SearchList(const std::vector<std::string>& folders,
             const std::unordered_map<std::string, std::size_t>& folder_numbers,
             const std::string& why_not_empty);
  /// A path of which nothing is used.
  static SearchList unused(std::string why);

  const std::vector<Entry>& entries() const { return entries_; }
  /// The first entry that is this folder of the set.
  std::optional<std::size_t> first_entry(std::size_t folder_number) const;
  /// Why nothing of the path is used; empty where it is.
  const std::string& why_unused() const { return why_unused_; }
  bool leads_into_set() const { return !first_entries_.empty(); }
  /// Whether every folder of the set that `other` has is here too.
  bool covers(const SearchList& other) const;

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::size_t, std::size_t> first_entries_;  ///< folder number -> entry
  std::string why_unused_;
};

class LibrarySet {
 public:
  LibrarySet(const std::vector<InstalledLibrary>& libraries, const Environment& environment);

  std::size_t size() const { return libraries_.size(); }
  const InstalledLibrary& operator[](std::size_t library) const { return libraries_[library]; }
  /// The file name, for messages.
  std::string_view name_of(std::size_t library) const;
  std::size_t folder_number(std::size_t library) const { return folders_of_[library]; }
  /// Libraries of the same class, byte order and machine have the same number.
  std::size_t abi_number(std::size_t library) const { return abis_of_[file_of(library)]; }
  std::size_t abi_count() const { return abis_.size(); }

  /// What the path leads to; a link that leads nowhere is not found.
  std::optional<std::size_t> find_path(std::string_view normalised_path) const;
  /// Every path that has this file name, but for links that lead nowhere.
  const std::vector<std::size_t>& find_file_name(std::string_view name) const;
  /// The library itself, where `path` is a link to it.
  std::size_t file_of(std::size_t path) const { return files_of_.at(path); }

  Verdict verdict(std::size_t candidate, std::size_t needed_by) const;

  /// The library is loaded, and it was opened by this path: the folder of that is its $ORIGIN.
  void open_as(std::size_t library, std::size_t path);
  const std::string& opened_path(std::size_t library) const {
    return libraries_[opened_as_[library]].path;
  }
  Tokens tokens(std::size_t library) const;

  bool is_inherited(std::size_t library) const { return rules_.is_inherited(libraries_[library]); }
  /// Its DT_RUNPATH, or else its DT_RPATH; empty where it has none. Kept once asked for.
  const SearchList& search_list(std::size_t library);
  SearchList list_of(const std::vector<std::string>& folders) const {
    return SearchList(folders, folder_numbers_, rules_.why_not_empty());
  }

 private:
  struct Abi {
    Format format;
    std::uint16_t machine = 0;
    friend bool operator==(const Abi&, const Abi&) = default;
  };
  std::size_t number_abi(const Abi& abi);
  void add_path(std::size_t path, std::size_t file);

  const std::vector<InstalledLibrary>& libraries_;
  const LoaderRules& rules_;
  const std::string lib_;       ///< $LIB, where it is not glibc's own
  const std::string platform_;  ///< $PLATFORM, likewise
  std::vector<Abi> abis_;
  std::vector<std::size_t> abis_of_;
  std::vector<std::size_t> folders_of_;
  std::vector<std::size_t> files_of_;
  std::vector<std::size_t> opened_as_;
  std::unordered_map<std::string, std::size_t> folder_numbers_;
  std::unordered_map<std::string_view, std::size_t> by_path_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_file_name_;
  std::unordered_map<std::size_t, SearchList> search_lists_;
};

}  // namespace elf
