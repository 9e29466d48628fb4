#include "src/symbol_report.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "src/glob.h"
#include "src/system_libraries.h"

namespace spokeshave {

namespace {

constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

/// The parts of glibc, or musl's one, that are in every process with an interpreter in it.
bool is_c_library(std::string_view soname) {
  constexpr std::array<std::string_view, 7> kGlibc = {"libc.so.6",  "libm.so.6",  "libpthread.so.0",
                                                      "libdl.so.2", "librt.so.1", "libutil.so.1",
                                                      "libc.so"};
  return std::find(kGlibc.begin(), kGlibc.end(), soname) != kGlibc.end() ||
         soname.starts_with("ld-") || soname.starts_with("ld64.so") ||
         soname.starts_with("libc.musl-");
}

/// A library that exports a symbol somebody imports.
struct Provider {
  std::size_t library = 0;  ///< of the set, then of the system
  const elf::SymbolListing* listing = nullptr;
  const elf::DynamicSymbol* symbol = nullptr;
};

/// Who exports what; only names that somebody imports are kept.
class Providers {
 public:
  explicit Providers(const std::vector<const elf::SymbolListing*>& listings) {
    for (const auto* listing : listings) {
      if (listing == nullptr) continue;
      for (const auto& symbol : listing->imports()) by_name_[listing->name(symbol)];
    }
    for (std::size_t i = 0; i < listings.size(); ++i) {
      if (listings[i] != nullptr) add(i, *listings[i]);
    }
  }

  /// Ascending by library.
  const std::vector<Provider>& of(std::string_view name) const { return by_name_.at(name); }

 private:
  void add(std::size_t library, const elf::SymbolListing& listing) {
    for (const auto& symbol : listing.exports()) {
      const auto wanted = by_name_.find(listing.name(symbol));
      if (wanted != by_name_.end()) wanted->second.push_back({library, &listing, &symbol});
    }
  }

  std::unordered_map<std::string_view, std::vector<Provider>> by_name_;
};

/// What one library needs, itself and by what it needs.
struct Closure {
  std::vector<std::size_t> rank;  ///< by library: its place in breadth-first order, or kNobody
  std::vector<std::size_t> order;
};

Closure closure_of(const std::vector<SymbolLibrary>& libraries, std::size_t library) {
  Closure closure{std::vector<std::size_t>(libraries.size(), kNobody), {library}};
  closure.rank[library] = 0;
  for (std::size_t i = 0; i < closure.order.size(); ++i) {
    for (const std::size_t need : libraries[closure.order[i]].needs) {
      if (closure.rank[need] != kNobody) continue;
      closure.rank[need] = closure.order.size();
      closure.order.push_back(need);
    }
  }
  return closure;
}

enum class Origin { kSet, kSystem, kPython, kNone };

struct Answer {
  Origin origin = Origin::kNone;
  std::size_t library = 0;  ///< kSet
};

class Reporter {
 public:
  Reporter(const std::vector<SymbolLibrary>& libraries, const std::vector<SystemLibrary>& system)
      : libraries_(libraries), system_(system), providers_(all_listings()) {
    for (const auto& library : system) looked_into_.insert(library.soname);
  }

  SymbolReport report() {
    for (std::size_t i = 0; i < libraries_.size(); ++i) {
      if (libraries_[i].listing != nullptr) look_at(i);
    }
    report_.not_looked_into = {not_looked_into_.begin(), not_looked_into_.end()};
    return std::move(report_);
  }

 private:
  std::vector<const elf::SymbolListing*> all_listings() const {
    std::vector<const elf::SymbolListing*> listings;
    for (const auto& library : libraries_) listings.push_back(library.listing);
    for (const auto& library : system_) listings.push_back(&library.listing);
    return listings;
  }

  void look_at(std::size_t library) {
    const elf::SymbolListing& listing = *libraries_[library].listing;
    const Closure closure = closure_of(libraries_, library);
    std::map<std::size_t, Crossing> crossings;
    std::vector<std::uint32_t> missed;
    for (std::uint32_t i = 0; i < listing.imports().size(); ++i) {
      const auto& symbol = listing.imports()[i];
      const Answer answer = find(listing, symbol, library, closure);
      if (answer.origin == Origin::kSet) crossings[answer.library].symbols.push_back(i);
      if (answer.origin == Origin::kSystem) ++report_.from_system;
      if (answer.origin == Origin::kPython) ++report_.from_python;
      if (answer.origin == Origin::kNone && !symbol.weak) missed.push_back(i);
    }
    for (auto& [to, crossing] : crossings) {
      crossing.from = library;
      crossing.to = to;
      crossing.declared = how_declared(library, to, closure);
      report_.crossings.push_back(std::move(crossing));
    }
    if (!missed.empty()) keep_missed(library, missed, closure);
  }

  Answer find(const elf::SymbolListing& importer, const elf::DynamicSymbol& wanted,
              std::size_t library, const Closure& closure) const {
    std::size_t needed = kNobody;  // the first of the closure, then any other of the set
    std::size_t other = kNobody;
    bool in_c_library = false;
    bool in_system = false;
    for (const Provider& provider : providers_.of(importer.name(wanted))) {
      if (provider.library == library ||
          !elf::meets(importer, wanted, *provider.listing, *provider.symbol)) {
        continue;
      }
      if (provider.library >= libraries_.size()) {
        in_system = true;
        in_c_library |= is_c_library(system_[provider.library - libraries_.size()].soname);
      } else if (closure.rank[provider.library] == kNobody) {
        if (!libraries_[provider.library].is_program) other = std::min(other, provider.library);
      } else if (needed == kNobody || closure.rank[provider.library] < closure.rank[needed]) {
        needed = provider.library;
      }
    }
    const elf::SymbolVersion* version = importer.version(wanted);
    if (in_c_library || (version != nullptr && is_c_library(version->file))) {
      return {Origin::kSystem};
    }
    if (needed != kNobody) return {Origin::kSet, needed};
    if (in_system || (version != nullptr && is_system_library(version->file))) {
      return {Origin::kSystem};
    }
    if (version == nullptr && is_python_symbol(importer.name(wanted))) return {Origin::kPython};
    if (other != kNobody && !wanted.weak) return {Origin::kSet, other};
    return {Origin::kNone};
  }

  Declared how_declared(std::size_t from, std::size_t to, const Closure& closure) const {
    const auto& needs = libraries_[from].needs;
    if (std::find(needs.begin(), needs.end(), to) != needs.end()) return Declared::kDirectly;
    return closure.rank[to] != kNobody ? Declared::kIndirectly : Declared::kNot;
  }

  void keep_missed(std::size_t library, const std::vector<std::uint32_t>& missed,
                   const Closure& closure) {
    const elf::SymbolListing& listing = *libraries_[library].listing;
    const std::set<std::string> unseen = unseen_in(closure);
    std::map<std::vector<std::string>, std::vector<std::uint32_t>> by_bringers;
    for (const std::uint32_t symbol : missed) {
      const elf::SymbolVersion* version = listing.version(listing.imports()[symbol]);
      std::vector<std::string> bringers;
      if (version == nullptr) {
        bringers = {unseen.begin(), unseen.end()};
      } else if (unseen.contains(version->file)) {
        bringers = {version->file};
      }
      by_bringers[std::move(bringers)].push_back(symbol);
    }
    for (auto& [bringers, symbols] : by_bringers) {
      not_looked_into_.insert(bringers.begin(), bringers.end());
      report_.unprovided.push_back({library, std::move(symbols), bringers});
    }
  }

  std::set<std::string> unseen_in(const Closure& closure) const {
    std::set<std::string> unseen;
    for (const std::size_t library : closure.order) {
      if (libraries_[library].listing == nullptr)
        unseen.emplace(file_name(libraries_[library].path));
      for (const auto& name : libraries_[library].needs_outside) {
        if (!looked_into_.contains(name)) unseen.insert(name);
      }
    }
    return unseen;
  }

  const std::vector<SymbolLibrary>& libraries_;
  const std::vector<SystemLibrary>& system_;
  const Providers providers_;
  std::set<std::string> looked_into_;
  std::set<std::string> not_looked_into_;
  SymbolReport report_;
};

}  // namespace

bool is_python_symbol(std::string_view name) {
  if (name.starts_with('_')) name.remove_prefix(1);
  if (name.starts_with("PyInit_") || !name.starts_with("Py") || name.size() < 3) return false;
  return name[2] == '_' || (name[2] >= 'A' && name[2] <= 'Z');
}

SymbolReport report_symbols(const std::vector<SymbolLibrary>& libraries,
                            const std::vector<SystemLibrary>& system) {
  return Reporter(libraries, system).report();
}

}  // namespace spokeshave
