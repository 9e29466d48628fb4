// Random libraries of random linkers, and random sequences of edits on them: after each edit every
// judge is asked. The idea is that of patchelf's test `property-rewrite`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "elf/error.h"
#include "tests/support/elf_poke.h"
#include "tests/support/specimen.h"

namespace {

namespace fs = std::filesystem;
using support::Specimen;
using testing::IsEmpty;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool chance(std::size_t percent) { return below(100) < percent; }
  std::string pick(const std::vector<std::string>& list) { return list[below(list.size())]; }
  /// Text as paths have it; short alphabets make strings that end alike.
  std::string text(std::size_t size) {
    std::string result;
    while (result.size() < size) result += "ab/:."[below(5)];
    return result;
  }

 private:
  std::mt19937_64 engine_;
};

const std::string kDependency = "libdep.so";

/// The libraries that edits may name: copies of the versioned one that the specimen needs, and
/// empty ones.
struct Neighbours {
  support::TempDir folder;
  fs::path dependency =
      support::build({.source = "int dependency(void) { return 6; }",
                      .flags = {"-Wl,--version-script,versions", "-Wl,-soname," + kDependency},
                      .name = kDependency,
                      .files = {{"versions", "DEP_1 { global: dependency; };\n"}}});
  std::vector<std::string> copies;
  std::vector<std::string> empty;

  Neighbours() {
    fs::copy(dependency, folder / kDependency);
    const fs::path nothing = support::build({.source = "int nothing;", .flags = {"-nostdlib"}});
    for (const std::string tail :
         {"", "-a", "-a34b3233", "-with-a-name-that-is-quite-a-bit-longer"}) {
      copies.push_back("libcopy" + tail + ".so");
      empty.push_back("libempty" + tail + ".so.1");
      fs::copy(dependency, folder / copies.back());
      fs::copy(nothing, folder / empty.back());
    }
    copies.push_back(kDependency);
    copies.push_back("dep.so");  // the tail of a string that is there
    fs::copy(dependency, folder / "dep.so");
  }
};

std::vector<std::string> linkers_here() {
  std::vector<std::string> result{"bfd"};
  for (const std::string name : {"gold", "lld"}) {
    if (support::has_program("ld." + name)) result.push_back(name);
  }
  if (support::has_program("mold")) result.push_back("mold");
  return result;
}

support::Recipe random_recipe(Random& random, const Neighbours& neighbours) {
  support::Recipe recipe{.source = support::kRichSource};
  const std::string linker = random.pick(linkers_here());
  auto& flags = recipe.flags;
  flags = {"-fuse-ld=" + linker,
           "-Wl,-z,max-page-size=" + random.pick({"0x1000", "0x10000", "0x200000"}),
           "-Wl,-z," + random.pick({"relro", "norelro"}),
           "-Wl,-z," + random.pick({"now", "lazy"}),
           "-Wl,--hash-style=" + random.pick({"gnu", "sysv", "both"}),
           "-fcf-protection=" + random.pick({"none", "full"}),
           "-Wl,--build-id=" + random.pick({"none", "sha1", "0x123456789a"}),
           random.pick({"-g0", "-g", "-s"})};
  if (linker != "gold")
    flags.push_back("-Wl,-z," + random.pick({"separate-code", "noseparate-code"}));
  if (linker != "lld" && random.chance(70))
    flags.push_back("-Wl,--spare-dynamic-tags=" + random.pick({"1", "2", "5", "20"}));
  if (linker == "bfd" && random.chance(30)) flags.push_back("-Wl,-z,pack-relative-relocs");
  if (linker == "lld" && random.chance(20)) flags.push_back("-Wl,-z,rodynamic");
  if (random.chance(60)) flags.push_back("-Wl,-rpath," + random.text(1 + random.below(80)));
  if (random.chance(40)) flags.push_back("-Wl,--disable-new-dtags");
  if (random.chance(60))
    flags.push_back("-Wl,-soname," +
                    random.pick({"libspecimen.so", "a", "aux/words", random.text(40)}));
  if (random.chance(40)) {
    flags.push_back("-Wl,--version-script,versions");
    recipe.files = {{"versions", "V_1 { global: *; };\nV_2 { } V_1;\n"}};
  }
  if (random.chance(50)) flags.insert(flags.end(), {"-Wl,--no-as-needed", "-lm"});
  if (random.chance(60)) {
    flags.push_back(neighbours.dependency.string());
    recipe.source += "int dependency(void); int dependent(void) { return dependency(); }\n";
  }
  recipe.source +=
      "static char more_zeros[" + std::to_string(std::size_t{1} << random.below(24)) + "];\n";
  recipe.source += "int b, ab, so; int use(void) { return more_zeros[0] + b + ab + so; }\n";
  return recipe;
}

elf::Edits random_edits(Random& random, const Neighbours& neighbours, const support::Names& names) {
  elf::Edits edits;
  const auto kinds = {elf::PathKind::kKeep, elf::PathKind::kRpath, elf::PathKind::kRunpath};
  if (random.chance(50))
    edits.search_path = random.text(random.chance(30) ? random.below(8) : random.below(300));
  if (random.chance(40)) edits.path_kind = *(kinds.begin() + random.below(3));
  if (!edits.search_path && edits.path_kind == elf::PathKind::kKeep)
    edits.remove_search_path = random.chance(20);
  if (random.chance(30)) edits.soname = random.text(1 + random.below(60));
  for (const std::string& needed : names.needed) {
    const bool of_dependency = std::ranges::count(neighbours.copies, needed) != 0;
    const bool of_empty = std::ranges::count(neighbours.empty, needed) != 0;
    if (of_dependency && random.chance(30))
      edits.replace_needed.emplace_back(needed, random.pick(neighbours.copies));
    else if ((of_empty || needed == "libm.so.6") && random.chance(20))
      edits.remove_needed.push_back(needed);
    else if (of_dependency && random.chance(5))
      edits.remove_needed.push_back(needed);
  }
  while (random.chance(25)) {
    const std::string name = random.pick(neighbours.empty);
    if (std::ranges::count(edits.remove_needed, name) +
            std::ranges::count(edits.add_needed, name) ==
        0)
      edits.add_needed.push_back(name);
  }
  return edits;
}

std::string described(const elf::Edits& edits) {
  std::string text = "edit:";
  if (edits.search_path) text += " path=" + *edits.search_path;
  text += " kind=" + std::to_string(static_cast<int>(edits.path_kind));
  if (edits.remove_search_path) text += " no-path";
  if (edits.soname) text += " soname=" + *edits.soname;
  for (const auto& [from, to] : edits.replace_needed) text += " " + from + "->" + to;
  for (const std::string& name : edits.add_needed) text += " +" + name;
  for (const std::string& name : edits.remove_needed) text += " -" + name;
  return text + "\n";
}

std::size_t entries_of(const support::Names& names) {
  return names.needed.size() + (names.soname ? 1 : 0) + (names.rpath ? 1 : 0) +
         (names.runpath ? 1 : 0);
}

/// Whether the edit may, or must, be refused: verneed still names a library, or the table has no
/// room.
struct Refusal {
  bool must = false;
  bool may = false;
};
Refusal expected_refusal(const Specimen& lib, const elf::Edits& edits) {
  const support::Dump dump = support::dump(lib.file());
  const auto wanted = support::expected_names(dump.names(), edits);
  const auto width = std::size_t{16};
  const std::size_t room = dump.segments_of("DYNAMIC").at(0).file_size / width - 1;
  const std::size_t others = dump.dynamic.size() - entries_of(dump.names());
  Refusal refusal;
  for (const std::string& name : edits.remove_needed) {
    refusal.must = refusal.must || std::ranges::count(dump.version_need_files, name) != 0;
  }
  refusal.may = refusal.must || others + entries_of(wanted) > room;
  return refusal;
}

void edit_and_judge(Specimen& lib, const elf::Edits& edits, const std::vector<std::string>& steps,
                    const support::LoadPlan& where) {
  const Refusal refusal = expected_refusal(lib, edits);
  const auto bytes = support::read_file(lib.file());
  try {
    lib.edit(edits);
    EXPECT_FALSE(refusal.must) << "verneed still names what was removed";
  } catch (const elf::Error& error) {
    EXPECT_TRUE(refusal.may) << "refused without need: " << error.what();
    EXPECT_NE(std::string(error.what()), "");
    EXPECT_EQ(support::read_file(lib.file()), bytes);
  }
  EXPECT_THAT(lib.findings(steps, where), IsEmpty());
}

void expect_edits_keep_the_library_whole(std::uint64_t seed, int edit_count) {
  static const Neighbours neighbours;
  Random random(seed);
  const support::Recipe recipe = random_recipe(random, neighbours);
  std::string story = "SPOKESHAVE_SEED=" + std::to_string(seed) + "\n";
  for (const std::string& flag : recipe.flags) story += flag + " ";
  SCOPED_TRACE(story);

  Specimen lib(recipe);
  auto steps = support::kRichSteps;
  steps.push_back("call:use");
  if (recipe.source.find("dependent") != std::string::npos) steps.push_back("call:dependent");
  const support::LoadPlan where{.steps = {}, .library_path = {neighbours.folder.path().string()}};
  std::string edits_so_far;
  for (int i = 0; i < edit_count && !testing::Test::HasFailure(); ++i) {
    const elf::Edits edits = random_edits(random, neighbours, lib.names());
    edits_so_far += described(edits);
    SCOPED_TRACE(edits_so_far);
    edit_and_judge(lib, edits, steps, where);
  }
}

TEST(RewriteProperty, AnySequenceOfEditsKeepsAnyLibraryWhole) {
#ifdef SPOKESHAVE_TEST_TOOLCHAINS
  constexpr int kLibraries = 200;
  constexpr int kEdits = 8;
#else
  constexpr int kLibraries = 15;
  constexpr int kEdits = 5;
#endif
  if (const char* seed = std::getenv("SPOKESHAVE_SEED")) {
    expect_edits_keep_the_library_whole(std::strtoull(seed, nullptr, 10), 8);
    return;
  }
  const std::uint64_t first_seed = std::random_device{}();
  for (int i = 0; i < kLibraries && !HasFailure(); ++i) {
    expect_edits_keep_the_library_whole(first_seed + static_cast<std::uint64_t>(i), kEdits);
  }
}

}  // namespace
