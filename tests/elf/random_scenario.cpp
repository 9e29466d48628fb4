#include "tests/support/random_scenario.h"

#include <algorithm>
#include <utility>

namespace support {
namespace {

// Names that no system has, but for one that every system has, and one that musl keeps for itself.
const std::vector<std::string> kNames{"libsk0.so",        "libsk1.so", "libsk2.so.1", "libsk3.so",
                                      "libsk4-a34b32.so", "libsk5.so", "libm.so.6"};
const std::vector<std::string> kAliases{"libsk-alias.so", "libsk4.so", "sub/libsk1.so"};

bool lies_in(const Scenario& scenario, const std::string& path) {
  return std::ranges::any_of(scenario.libraries,
                             [&](const auto& other) { return other.path == path; });
}

std::string file_name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

RandomScenario::RandomScenario(std::uint64_t seed, std::string root, elf::LoaderKind loader,
                               Files files)
    : random_(seed),
      root_(std::move(root)),
      folders_{"a/lib", "b/lib", "b/lib/sub", "c.libs", lib_of_this_system()},
      loader_(loader),
      files_(files) {}

bool RandomScenario::chance(int percent) {
  return std::uniform_int_distribution<>(1, 100)(random_) <= percent;
}

std::size_t RandomScenario::below(std::size_t n) {
  return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
}

Scenario RandomScenario::libraries() {
  Scenario scenario{.loader = loader_};
  add_libraries(scenario);
  if (chance(40)) add_links(scenario);
  if (chance(30)) scenario.ld_library_path.push_back(root_ + "/" + pick(folders_));
  if (chance(10)) scenario.ld_library_path.push_back(root_ + "/" + pick(folders_) + "/");
  return scenario;
}

void RandomScenario::add_libraries(Scenario& scenario) {
  const std::size_t wanted = 3 + below(10);
  while (scenario.libraries.size() < wanted) {
    const std::string path = root_ + "/" + pick(folders_) + "/" + pick(kNames);
    if (!lies_in(scenario, path)) scenario.libraries.push_back(library({.path = path}));
  }
  for (auto& library : scenario.libraries) fill(library, scenario);
}

void RandomScenario::add_links(Scenario& scenario) {
  const std::size_t files = scenario.libraries.size();
  for (std::size_t links = 1 + below(4); links > 0; --links) {
    const std::string path =
        root_ + "/" + pick(folders_) + "/" + (chance(20) ? "libsk-link.so" : pick(kNames));
    if (lies_in(scenario, path)) continue;
    scenario.libraries.push_back({.path = path, .link_to = scenario.libraries[below(files)].path});
  }
}

void RandomScenario::fill(elf::InstalledLibrary& library, const Scenario& scenario) {
  if (chance(60)) library.soname = file_name_of(library.path);
  if (chance(20)) library.soname = chance(50) ? pick(kAliases) : pick(kNames);
  for (std::size_t needs = below(4); needs > 0; --needs) library.needed.push_back(need(scenario));
  if (chance(60)) library.rpath = search_path();
  if (chance(35)) library.runpath = search_path();
  // musl goes on after it has mapped a file of another machine, and fails with it later; the model
  // fails at once. What may stay of such a failed dlopen is not the same.
  if (loader_ == elf::LoaderKind::kGlibc && chance(3)) library.machine = 183;
  if (files_ == Files::kLinked) return;
  if (chance(3)) library.format.elf_class = elf::Class::k32;
  if (chance(2)) library.format.byte_order = elf::ByteOrder::kBig;
}

std::string RandomScenario::need(const Scenario& scenario) {
  if (chance(1)) return "libsk-nowhere.so";
  if (chance(10)) return "libc.so.6";
  if (chance(3)) return pick(kAliases);
  if (chance(2)) return "${ORIGIN}/" + pick(kNames);
  const auto& library = scenario.libraries[below(scenario.libraries.size())];
  if (chance(4)) return library.path;
  if (chance(15) && library.soname) return *library.soname;
  return file_name_of(library.path);
}

std::string RandomScenario::search_path() {
  std::string path;
  for (std::size_t entries = below(6); entries > 0; --entries) path += entry() + ':';
  if (files_ == Files::kLinked && path.find_first_not_of(':') == std::string::npos) return "/none";
  if (!path.empty() && !chance(10)) path.pop_back();
  return path;
}

std::string RandomScenario::entry() {
  static const std::vector<std::string> kOdd{
      "",         "a/lib", "/nowhere",          "$ORIGIN/nowhere", "$ORIGINAL/lib",
      "${ORIGIN", "$LIB",  "$ORIGIN/../../$LIB"};
  if (chance(10)) return pick(kOdd);
  if (chance(4)) return root_ + "/$LIB";
  if (chance(35)) return root_ + "/" + pick(folders_);
  if (chance(25)) return "$ORIGIN";
  static const std::vector<std::string> kUp{"$ORIGIN/../../", "${ORIGIN}/../", "$ORIGIN/../../../",
                                            "$ORIGIN/.//../../"};
  return pick(kUp) + pick(folders_) + (chance(10) ? "//" : "");
}

/// A bare name is opened by a library that is loaded by then, which the model knows: were it wrong
/// about that, the transcripts would differ at the step before.
void RandomScenario::add_dlopens(Scenario& scenario) {
  elf::Process process(scenario.libraries, environment_of(scenario));
  for (std::size_t steps = 2 + below(8); steps > 0; --steps) {
    const std::size_t number = below(scenario.libraries.size());
    const elf::InstalledLibrary& chosen = scenario.libraries[number];
    const auto& file = scenario.libraries[library_at(scenario, chosen.path)];
    if (!chosen.link_to && process.is_loaded(number)) {
      scenario.dlopens.push_back({need(scenario), number});
      process.open_by_name(number, scenario.dlopens.back().name);
    } else if (file.machine == library({}).machine && file.format == elf::Format{}) {
      scenario.dlopens.push_back({chosen.path, {}});
      process.open(chosen.path);
    }
  }
}

}  // namespace support
