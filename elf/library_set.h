#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "elf/loader.h"

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
             const std::unordered_map<std::string, std::size_t>& folder_numbers);

  const std::vector<Entry>& entries() const { return entries_; }
  /// The first entry that is this folder of the set.
  std::optional<std::size_t> first_entry(std::size_t folder_number) const;
  bool leads_into_set() const { return !first_entries_.empty(); }
  /// Whether every folder of the set that `other` has is here too.
  bool covers(const SearchList& other) const;

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::size_t, std::size_t> first_entries_;  ///< folder number -> entry
};

/// What ld.so says to a file that it has opened in its search (glibc 2.36, elf/dl-load.c,
/// open_verify).
enum class Verdict {
  kTaken,
  kPassedOver,  ///< another class, or another machine: the search goes on
};

class LibrarySet {
 public:
  explicit LibrarySet(const std::vector<InstalledLibrary>& libraries);

  std::size_t size() const { return libraries_.size(); }
  const InstalledLibrary& operator[](std::size_t library) const { return libraries_[library]; }
  /// The file name, for messages.
  std::string_view name_of(std::size_t library) const;
  std::size_t folder_number(std::size_t library) const { return folders_of_[library]; }
  /// Libraries of the same class, byte order and machine have the same number.
  std::size_t abi_number(std::size_t library) const { return abis_of_[library]; }
  std::size_t abi_count() const { return abis_.size(); }

  std::optional<std::size_t> find_path(std::string_view normalised_path) const;
  /// Every library whose file has this name.
  const std::vector<std::size_t>& find_file_name(std::string_view name) const;
  Verdict verdict(std::size_t candidate, std::size_t needed_by) const;

  /// `text` with the dynamic string tokens of this library expanded.
  std::string expand(std::size_t library, std::string_view text) const;
  /// elf/get-dynamic-info.h: where both are given, DT_RPATH is dropped.
  bool uses_rpath(std::size_t library) const {
    return libraries_[library].rpath && !libraries_[library].runpath;
  }
  /// Its DT_RUNPATH, or else its DT_RPATH; empty where it has none. Kept once asked for.
  const SearchList& search_list(std::size_t library);
  SearchList list_of(const std::vector<std::string>& folders) const {
    return SearchList(folders, folder_numbers_);
  }

 private:
  struct Abi {
    Format format;
    std::uint16_t machine = 0;
    friend bool operator==(const Abi&, const Abi&) = default;
  };
  std::size_t number_abi(const Abi& abi);

  const std::vector<InstalledLibrary>& libraries_;
  std::vector<Abi> abis_;
  std::vector<std::size_t> abis_of_;
  std::vector<std::size_t> folders_of_;
  std::unordered_map<std::string, std::size_t> folder_numbers_;
  std::unordered_map<std::string_view, std::size_t> by_path_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_file_name_;
  std::unordered_map<std::size_t, SearchList> search_lists_;
};

}  // namespace elf
