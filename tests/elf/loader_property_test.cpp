#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "elf/loader.h"
#include "tests/support/real_loader.h"
#include "tests/support/temp_dir.h"

// The judge is the system's own loader: random sets of libraries are written to disk, opened one
// after another in a process of their own, and the model must say the same about every step.
namespace {

using support::Scenario;

class RandomScenario {
 public:
  RandomScenario(std::uint64_t seed, std::string root) : random_(seed), root_(std::move(root)) {}

  Scenario make() {
    add_libraries();
    if (chance(30)) scenario_.ld_library_path.push_back(root_ + "/" + pick(kFolders));
    if (chance(10)) scenario_.ld_library_path.push_back(root_ + "/" + pick(kFolders) + "/");
    add_dlopens();
    return std::move(scenario_);
  }

 private:
  // Names that no system has, but for one that every system has.
  const std::vector<std::string> kFolders{"a/lib", "b/lib", "b/lib/sub", "c.libs"};
  const std::vector<std::string> kNames{"libsk0.so",        "libsk1.so", "libsk2.so.1", "libsk3.so",
                                        "libsk4-a34b32.so", "libsk5.so", "libm.so.6"};
  const std::vector<std::string> kAliases{"libsk-alias.so", "libsk4.so", "sub/libsk1.so"};

  bool chance(int percent) { return std::uniform_int_distribution<>(1, 100)(random_) <= percent; }
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  void add_libraries() {
    const std::size_t wanted = 3 + below(10);
    while (scenario_.libraries.size() < wanted) {
      elf::InstalledLibrary made =
          support::library({.path = root_ + "/" + pick(kFolders) + "/" + pick(kNames)});
      const auto same_path = [&](const auto& other) { return other.path == made.path; };
      if (std::ranges::any_of(scenario_.libraries, same_path)) continue;
      scenario_.libraries.push_back(std::move(made));
    }
    for (auto& library : scenario_.libraries) fill(library);
  }

  void fill(elf::InstalledLibrary& library) {
    if (chance(60)) library.soname = library.path.substr(library.path.rfind('/') + 1);
    if (chance(20)) library.soname = chance(50) ? pick(kAliases) : pick(kNames);
    for (std::size_t needs = below(4); needs > 0; --needs) library.needed.push_back(need());
    if (chance(60)) library.rpath = search_path();
    if (chance(35)) library.runpath = search_path();
    if (chance(3)) library.machine = 183;
    if (chance(3)) library.format.elf_class = elf::Class::k32;
    if (chance(2)) library.format.byte_order = elf::ByteOrder::kBig;
  }

  std::string need() {
    if (chance(1)) return "libsk-nowhere.so";
    if (chance(10)) return "libc.so.6";
    if (chance(3)) return pick(kAliases);
    if (chance(2)) return "${ORIGIN}/" + pick(kNames);
    const auto& library = scenario_.libraries[below(scenario_.libraries.size())];
    if (chance(4)) return library.path;
    if (chance(15) && library.soname) return *library.soname;
    return library.path.substr(library.path.rfind('/') + 1);
  }

  std::string search_path() {
    std::string path;
    for (std::size_t entries = below(6); entries > 0; --entries) path += entry() + ':';
    if (!path.empty() && !chance(10)) path.pop_back();
    return path;
  }

  std::string entry() {
    static const std::vector<std::string> kOdd{
        "", "a/lib", "/nowhere", "$ORIGIN/nowhere", "$ORIGINAL/lib", "${ORIGIN", "$LIB"};
    if (chance(10)) return pick(kOdd);
    if (chance(35)) return root_ + "/" + pick(kFolders);
    if (chance(25)) return "$ORIGIN";
    static const std::vector<std::string> kUp{"$ORIGIN/../../", "${ORIGIN}/../",
                                              "$ORIGIN/../../../", "$ORIGIN/.//../../"};
    return pick(kUp) + pick(kFolders) + (chance(10) ? "//" : "");
  }

  /// A bare name is opened by a library that is loaded by then, which the model knows: were it
  /// wrong about that, the transcripts would differ at the step before.
  void add_dlopens() {
    elf::Process process(scenario_.libraries, {scenario_.ld_library_path, support::is_system});
    for (std::size_t steps = 2 + below(8); steps > 0; --steps) {
      const std::size_t library = below(scenario_.libraries.size());
      if (process.is_loaded(library)) {
        scenario_.dlopens.push_back({need(), library});
        process.open_by_name(library, scenario_.dlopens.back().name);
      } else if (support::library({}).machine == scenario_.libraries[library].machine &&
                 scenario_.libraries[library].format == elf::Format{}) {
        scenario_.dlopens.push_back({scenario_.libraries[library].path, {}});
        process.open(scenario_.dlopens.back().name);
      }
    }
  }

  std::mt19937_64 random_;
  std::string root_;
  Scenario scenario_;
};

std::string described(const Scenario& scenario) {
  std::string text;
  for (std::size_t i = 0; i < scenario.libraries.size(); ++i) {
    const auto& library = scenario.libraries[i];
    text += std::to_string(i) + " " + library.path + " machine " + std::to_string(library.machine);
    text += " class " + std::to_string(static_cast<int>(library.format.elf_class));
    text += " byte order " + std::to_string(static_cast<int>(library.format.byte_order));
    if (library.soname) text += " SONAME " + *library.soname;
    for (const auto& needed : library.needed) text += " NEEDED " + needed;
    if (library.rpath) text += " RPATH " + *library.rpath;
    if (library.runpath) text += " RUNPATH " + *library.runpath;
    text += "\n";
  }
  for (const auto& folder : scenario.ld_library_path) text += "LD_LIBRARY_PATH " + folder + "\n";
  for (const auto& dlopen : scenario.dlopens) {
    text += "dlopen " + dlopen.name;
    if (dlopen.caller) text += " by " + std::to_string(*dlopen.caller);
    text += "\n";
  }
  return text;
}

void expect_model_and_loader_agree(std::uint64_t seed) {
  const support::TempDir root;
  const Scenario scenario =
      RandomScenario(seed, std::filesystem::canonical(root.path()).string()).make();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed) + "\n" + described(scenario));
  EXPECT_EQ(support::model_transcript(scenario), support::real_transcript(scenario));
}

#ifdef __x86_64__
TEST(LoaderModel, AgreesWithTheSystemsLoaderOnRandomSetsOfLibraries) {
  if (const char* seed = std::getenv("SPOKESHAVE_SEED")) {
    expect_model_and_loader_agree(std::strtoull(seed, nullptr, 10));
    return;
  }
  const std::uint64_t first_seed = std::random_device{}();
  for (std::uint64_t i = 0; i < 200 && !HasFailure(); ++i) {
    expect_model_and_loader_agree(first_seed + i);
  }
}
#endif

}  // namespace
