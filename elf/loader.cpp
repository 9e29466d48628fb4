#include "elf/loader.h"

#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "elf/library_set.h"
#include "elf/loader_chains.h"
#include "elf/loader_names.h"
#include "elf/loader_rules.h"
#include "elf/loader_search.h"
#include "elf/search_path.h"

namespace elf {
namespace {

/// Over one call of open().
constexpr std::size_t kMaxAttemptBytesPerCall = std::size_t{16} << 20;

}  // namespace

InstalledLibrary installed(std::string path, const Image& image) {
  return {.path = std::move(path),
          .format = image.format,
          .machine = image.machine,
          .soname = image.soname,
          .needed = image.needed,
          .rpath = image.rpath,
          .runpath = image.runpath,
          .no_default_folders = (image.flags_1 & DF_1_NODEFLIB) != 0};
}

struct Process::State {
  State(const std::vector<InstalledLibrary>& libraries, Environment surroundings)
      : rules(LoaderRules::of(surroundings.loader)),
        set(libraries, surroundings),
        environment(std::move(surroundings)),
        ld_library_path(set.list_of(environment.ld_library_path)),
        chains(set),
        loaded(set.size(), false),
        settled(set.size(), false),
        positions(set.size(), 0),
        names(set.abi_count()) {}

  void map(std::size_t path, const std::string& name, std::size_t loader);
  std::size_t find(const std::string& normalised_path) const;
  void resolve_needs(std::size_t from, std::vector<Resolution>& resolutions);
  void meet_again(std::size_t library, const std::string& name);
  std::vector<Resolution> finish_open(std::vector<Resolution> resolutions);
  Resolution resolve(std::size_t from, const std::string& needed, Search::Asker asker);
  void close_call();

  const LoaderRules& rules;
  LibrarySet set;
  Environment environment;
  SearchList ld_library_path;
  LoaderChains chains;
  std::vector<bool> loaded;
  std::vector<bool> settled;           ///< loaded by an earlier call, which did not fail
  std::vector<std::size_t> positions;  ///< where each stands in the loader's list
  std::size_t next_position = 0;
  LoadedNames names;

  std::vector<std::size_t> opening;  ///< what the present call has mapped, in order
  bool missing = false;              ///< and whether it has failed
  AttemptBudget budget;
};

/// `path`, an index into the set, may be a link to the library that is mapped.
void Process::State::map(std::size_t path, const std::string& name, std::size_t loader) {
  const std::size_t library = set.file_of(path);
  loaded[library] = true;
  positions[library] = next_position++;
  set.open_as(library, path);
  chains.set_loader(library, loader);
  opening.push_back(library);
  for (const std::string& given : rules.names_of(set[library], name, set[path].path)) {
    names.add(set.abi_number(library), given, library, positions[library], false);
  }
}

/// The same file under a new name: a name is added to the library that is there. It stays as long
/// as that one, even where this call fails later.
void Process::State::meet_again(std::size_t library, const std::string& name) {
  const std::string given = rules.one_more_name(name, set.opened_path(library));
  if (given.empty()) return;
  names.add(set.abi_number(library), given, library, positions[library],
            settled[library] && !missing);
}

/// Breadth first: `opening` grows while it is walked (glibc 2.36, elf/dl-deps.c).
std::vector<Resolution> Process::State::finish_open(std::vector<Resolution> resolutions) {
  for (std::size_t next = 0; next < opening.size(); ++next) {
    resolve_needs(opening[next], resolutions);
  }
  close_call();
  return resolutions;
}

void Process::State::resolve_needs(std::size_t from, std::vector<Resolution>& resolutions) {
  // A need that stands twice and is met nowhere is searched for once: a file can repeat one a
  // million times.
  std::unordered_set<std::string_view> not_found;
  for (const std::string& needed : set[from].needed) {
    if (not_found.contains(needed)) {
      resolutions.push_back({.from = from, .needed = needed});
      continue;
    }
    resolutions.push_back(resolve(from, needed, Search::Asker::kNeed));
    if (resolutions.back().rule == Rule::kMissing) not_found.insert(needed);
  }
}

std::size_t Process::State::find(const std::string& normalised_path) const {
  const auto entry = set.find_path(normalised_path);
  if (!entry) throw std::out_of_range("not in the set of libraries: " + normalised_path);
  return *entry;
}

Resolution Process::State::resolve(std::size_t from, const std::string& needed,
                                   Search::Asker asker) {
  const std::string file =
      needed.find('$') == std::string::npos ? needed : rules.asked_name(needed, set.tokens(from));
  // glibc expands the tokens of a NEEDED first of all; those of a dlopen only to open a path.
  const std::string& name = asker == Search::Asker::kDlopen ? needed : file;
  if (rules.is_always_loaded(name)) {
    return {.from = from, .needed = needed, .rule = Rule::kSystem};
  }
  const std::size_t abi = set.abi_number(from);
  if (const auto* known = names.find(abi, name)) {
    return {.from = from,
            .needed = needed,
            .rule = *known ? Rule::kAlreadyLoaded : Rule::kSystem,
            .to = *known};
  }
  const auto search = rules.search({set, chains, ld_library_path, environment, budget});
  const bool is_path = name.find('/') != std::string::npos;
  Resolution found = search->find(from, needed, is_path ? file : name, asker);
  if (found.rule == Rule::kMissing) {
    missing = true;
  } else if (!found.to) {
    names.add(abi, name, std::nullopt, next_position++, false);
  } else {
    const std::size_t path = *found.to;
    found.to = set.file_of(path);
    // What a dlopen maps has no loader: the caller's paths serve the search for this name, not for
    // what it needs (glibc's _dl_map_object: "we do not need it anymore", __RTLD_CALLMAP).
    const bool is_new = !loaded[*found.to];
    if (is_new) map(path, name, asker == Search::Asker::kNeed ? from : LoaderChains::kNone);
    if (!is_new) meet_again(*found.to, name);
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
  const std::size_t entry = state_->find(normal);
  state_->budget.left = kMaxAttemptBytesPerCall;
  const std::size_t library = state_->set.file_of(entry);
  if (state_->loaded[library]) {
    state_->meet_again(library, normal);
    return {};
  }
  state_->map(entry, normal, LoaderChains::kNone);
  return state_->finish_open({});
}

std::vector<Resolution> Process::open_by_name(std::size_t from, std::string_view name) {
  if (from >= state_->set.size()) throw std::out_of_range("no such library in the set");
  state_->budget.left = kMaxAttemptBytesPerCall;
  return state_->finish_open(
      {state_->resolve(state_->set.file_of(from), std::string(name), Search::Asker::kDlopen)});
}

std::vector<Resolution> Process::own_needs(std::string_view path) {
  const std::string normal = normalise_path(path);
  const std::size_t entry = state_->find(normal);
  const std::size_t library = state_->set.file_of(entry);
  if (state_->loaded[library]) return {};
  state_->budget.left = kMaxAttemptBytesPerCall;
  state_->map(entry, normal, LoaderChains::kNone);
  // As in a call that fails, whose names go with it.
  state_->missing = true;
  std::vector<Resolution> resolutions;
  state_->resolve_needs(library, resolutions);
  state_->close_call();
  return resolutions;
}

bool Process::is_loaded(std::size_t library) const {
  return state_->loaded.at(state_->set.file_of(library));
}

}  // namespace elf
