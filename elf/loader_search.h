#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "elf/library_set.h"
#include "elf/loader.h"
#include "elf/loader_chains.h"

namespace elf {

/// How many bytes of attempts may still be written down: paths come from files, and their product
/// with a million needs would not fit.
struct AttemptBudget {
  std::size_t left = 0;
};

/// Where a search looks. All of it outlives the search.
struct SearchContext {
  LibrarySet& set;
  const LoaderChains& chains;
  const SearchList& ld_library_path;
  const Environment& environment;
  AttemptBudget& budget;
};

/// One search for one name on behalf of one library. Names that are loaded already do not come
/// here. The loaders differ in the order of the places where they look.
class Search {
 public:
  /// For whom a name is searched for.
  enum class Asker {
    kNeed,    ///< a NEEDED of the library
    kDlopen,  ///< a dlopen by code of the library
  };

  explicit Search(const SearchContext& context) : context_(context) {}
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
  virtual ~Search() = default;

  /// `name` is what the loader makes of `needed`. The result's `to` is the path that the loader
  /// opens, which may be a link.
  Resolution find(std::size_t from, const std::string& needed, const std::string& name,
                  Asker asker);

 protected:
  virtual void search_everywhere(Asker asker) = 0;

  /// A file that the search opens, and the entry that led to it.
  struct Hit {
    std::size_t library = 0;
    std::size_t owner = 0;
    std::size_t entry = 0;
  };

  LibrarySet& set() const { return context_.set; }
  const LoaderChains& chains() const { return context_.chains; }
  const SearchList& ld_library_path() const { return context_.ld_library_path; }
  std::size_t from() const { return result_.from; }
  const std::string& name() const { return name_; }

  /// Looks through the list and notes what was tried; true when the search is over.
  bool look_in(const SearchList& list, Rule rule, std::size_t owner);
  std::optional<Hit> find_in(const SearchList& list, std::size_t owner) const;
  void settle(const Hit& hit, Rule rule);
  bool ask_system();

  void note(Attempt attempt);
  void note_failures(const SearchList& list, std::size_t end, Rule rule, std::size_t owner);
  void note_omission() { ++result_.omitted_attempts; }
  bool is_noting() const { return noting_; }

 private:
  void search(Asker asker);
  void take_path();
  bool has_room() const;
  std::string why_not(const SearchList::Entry& entry, const std::string& path) const;
  std::string refusal(std::size_t candidate) const;

  const SearchContext context_;
  Resolution result_;
  std::string name_;
  bool noting_ = true;
};

/// Enough for every real search path (torch's has 12 entries, and its chains are three deep).
constexpr std::size_t kMaxAttempts = 128;

}  // namespace elf
