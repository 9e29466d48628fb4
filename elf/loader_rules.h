#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "elf/loader.h"
#include "elf/search_path.h"

namespace elf {

class Search;
struct SearchContext;

/// What a loader says to a file that it has opened in its search.
enum class Verdict {
  kTaken,
  kPassedOver,  ///< another class, byte order or machine: the search goes on
  kRefused,     ///< another class, byte order or machine: the search ends there
};

/// A DT_RPATH or DT_RUNPATH, as the loader reads it.
struct SearchPath {
  std::vector<std::string> folders = {};  ///< its entries in order, tokens expanded
  std::string why_unused = {};            ///< why none of it is used; empty where it is
};

/// In what the loaders differ. Each has one object, which holds no state.
class LoaderRules {
 public:
  static const LoaderRules& of(LoaderKind kind);
  virtual ~LoaderRules() = default;

  virtual SearchPath read_path(const std::string& text, const Tokens& tokens) const = 0;
  /// Does the search path of this library serve what it loads as well, and what that loads?
  virtual bool is_inherited(const InstalledLibrary& library) const = 0;
  /// What is looked for where NEEDED says this.
  virtual std::string asked_name(const std::string& needed, const Tokens& tokens) const = 0;
  /// Does the name stand for what is loaded always, whatever else has it?
  virtual bool is_always_loaded(std::string_view name) const = 0;
  virtual Verdict verdict_of_foreign() const = 0;
  /// Why an empty entry of a search path leads nowhere.
  virtual std::string why_not_empty() const = 0;

  /// The names by which a library that was just mapped is known; `asked` is the name by which it
  /// was asked for, a path where it has a slash, and `path` that by which it was opened.
  virtual std::vector<std::string> names_of(const InstalledLibrary& library,
                                            const std::string& asked,
                                            std::string_view path) const = 0;
  /// The name that is added where a search leads to one that is loaded already; `path` is that by
  /// which it was opened. Empty: none.
  virtual std::string one_more_name(const std::string& asked, std::string_view path) const = 0;

  virtual std::unique_ptr<Search> search(const SearchContext& context) const = 0;
};

const LoaderRules& glibc_rules();
const LoaderRules& musl_rules();

}  // namespace elf
