#include "elf/loader.h"

#include <stdexcept>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "elf/library_set.h"
#include "elf/loader_chains.h"
#include "elf/loader_search.h"
#include "elf/search_path.h"

namespace elf {
namespace {

/// Over one call of open(): some 20 MB of text at most.
constexpr std::size_t kMaxAttemptsPerCall = 65536;

/// The names by which loaded libraries are known: those they were asked for by, and their SONAMEs
/// (glibc's l_libname). A process has libraries of one ABI only, so a name counts among those of
/// its own ABI.
class LoadedNames {
 public:
  /// What a name stands for: a library of the set, or (none) one of the system.
  using Library = std::optional<std::size_t>;

  explicit LoadedNames(std::size_t abis) : names_(abis) {}

  const Library* find(std::size_t abi, const std::string& name) const {
    const auto found = names_[abi].find(name);
    return found == names_[abi].end() ? nullptr : &found->second;
  }

  /// The first library to have a name keeps it: glibc looks through its maps in the order in which
  /// they were loaded.
  void add(std::size_t abi, const std::string& name, Library library, bool for_good) {
    const bool is_new = names_[abi].try_emplace(name, library).second;
    if (is_new && !for_good) provisional_.emplace_back(abi, name);
  }

  void confirm() { provisional_.clear(); }
  void take_back() {
    for (const auto& [abi, name] : provisional_) names_[abi].erase(name);
    provisional_.clear();
  }

 private:
  std::vector<std::unordered_map<std::string, Library>> names_;
  std::vector<std::pair<std::size_t, std::string>> provisional_;
};

}  // namespace

InstalledLibrary installed(std::string path, const Image& image) {
  return {.path = std::move(path),
          .format = image.format,
          .machine = image.machine,
          .soname = image.soname,
          .needed = image.needed,
          .rpath = image.rpath,
          .runpath = image.runpath};
}

struct Process::State {
  State(const std::vector<InstalledLibrary>& libraries, Environment surroundings)
      : set(libraries),
        environment(std::move(surroundings)),
        ld_library_path(set.list_of(environment.ld_library_path)),
        chains(set),
        loaded(set.size(), false),
        settled(set.size(), false),
        names(set.abi_count()) {}

  void map(std::size_t library, const std::string& name, std::size_t loader);
  std::vector<Resolution> finish_open(std::vector<Resolution> resolutions);
  Resolution resolve(std::size_t from, const std::string& needed, std::size_t loader);
  void close_call();

  LibrarySet set;
  Environment environment;
  SearchList ld_library_path;
  LoaderChains chains;
  std::vector<bool> loaded;
  std::vector<bool> settled;  ///< loaded by an earlier call, which did not fail
  LoadedNames names;

  std::vector<std::size_t> opening;  ///< what the present call has mapped, in order
  bool missing = false;              ///< and whether it has failed
  AttemptBudget budget;
};

void Process::State::map(std::size_t library, const std::string& name, std::size_t loader) {
  loaded[library] = true;
  chains.set_loader(library, loader);
  opening.push_back(library);
  const std::size_t abi = set.abi_number(library);
  names.add(abi, name, library, false);
  if (set[library].soname) names.add(abi, *set[library].soname, library, false);
}

/// Breadth first: `opening` grows while it is walked (glibc 2.36, elf/dl-deps.c).
std::vector<Resolution> Process::State::finish_open(std::vector<Resolution> resolutions) {
  for (std::size_t next = 0; next < opening.size(); ++next) {
    const std::size_t from = opening[next];
    // A need that stands twice and is met nowhere is searched for once: a file can repeat one a
    // million times.
    std::unordered_set<std::string_view> not_found;
    for (const std::string& needed : set[from].needed) {
      if (not_found.contains(needed)) {
        resolutions.push_back({.from = from, .needed = needed});
        continue;
      }
      resolutions.push_back(resolve(from, needed, from));
      if (resolutions.back().rule == Rule::kMissing) not_found.insert(needed);
    }
  }
  close_call();
  return resolutions;
}

Resolution Process::State::resolve(std::size_t from, const std::string& needed,
                                   std::size_t loader) {
  const std::string name =
      needed.find('$') == std::string::npos ? needed : set.expand(from, needed);
  const std::size_t abi = set.abi_number(from);
  if (const auto* known = names.find(abi, name)) {
    return {.from = from,
            .needed = needed,
            .rule = *known ? Rule::kAlreadyLoaded : Rule::kSystem,
            .to = *known};
  }
  Resolution found =
      Search(set, chains, ld_library_path, environment, budget).find(from, needed, name);
  if (found.rule == Rule::kMissing) {
    missing = true;
  } else if (!found.to) {
    names.add(abi, name, std::nullopt, false);
  } else if (!loaded[*found.to]) {
    map(*found.to, name, loader);
  } else {
    // The same file under a new name: glibc adds the name to the map that is there. It stays as
    // long as that map, even where this call fails later.
    names.add(abi, name, found.to, settled[*found.to] && !missing);
  }
  return found;
}

/// As dlopen does, it fails whole.
void Process::State::close_call() {
  for (const std::size_t library : opening) {
    loaded[library] = !missing;
    settled[library] = !missing;
  }
  if (missing) {
    names.take_back();
  } else {
    names.confirm();
  }
  opening.clear();
  missing = false;
}

Process::Process(const std::vector<InstalledLibrary>& libraries, Environment environment)
    : state_(std::make_unique<State>(libraries, std::move(environment))) {}
Process::~Process() = default;
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;

std::vector<Resolution> Process::open(std::string_view path) {
  const std::string normal = normalise_path(path);
  const auto library = state_->set.find_path(normal);
  if (!library) throw std::out_of_range("not in the set of libraries: " + normal);
  if (state_->loaded[*library]) return {};
  state_->budget.left = kMaxAttemptsPerCall;
  state_->map(*library, normal, LoaderChains::kNone);
  return state_->finish_open({});
}

std::vector<Resolution> Process::open_by_name(std::size_t from, std::string_view name) {
  if (from >= state_->set.size()) throw std::out_of_range("no such library in the set");
  state_->budget.left = kMaxAttemptsPerCall;
  // What a dlopen maps has no loader: the caller's paths serve the search for this name, not for
  // what it needs (dl-load.c, _dl_map_object: "we do not need it anymore", __RTLD_CALLMAP).
  return state_->finish_open({state_->resolve(from, std::string(name), LoaderChains::kNone)});
}

bool Process::is_loaded(std::size_t library) const {
  return state_->loaded.at(library);
}

}  // namespace elf
