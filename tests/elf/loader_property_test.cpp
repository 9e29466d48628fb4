#include <gtest/gtest.h>

#include "elf/loader.h"
#include "tests/support/compile.h"
#include "tests/support/property_trees.h"
#include "tests/support/random_scenario.h"
#include "tests/support/real_loader.h"
#include "tests/support/temp_dir.h"

// The judges are the loaders themselves: random sets of libraries are written to disk, opened one
// after another in a process of their own, and the model must say the same about every step:
// whether it succeeds, which libraries are loaded after it and in which order, by which of its
// paths each was opened, and in the end what reaches what.
#ifdef __x86_64__
namespace {

using support::RandomScenario;
using support::Scenario;

void expect_model_and_loader_agree(std::uint64_t seed, elf::LoaderKind loader) {
  const support::TempDir folder;
  RandomScenario random(seed, (std::filesystem::canonical(folder.path()) / "tree").string(), loader,
                        RandomScenario::Files::kTiny);
  Scenario scenario = random.libraries();
  random.add_dlopens(scenario);
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed) + "\n" + support::described(scenario));
  support::write_libraries(scenario);
  EXPECT_EQ(support::model_transcript(scenario), support::real_transcript(scenario));
}

TEST(LoaderModel, AgreesWithTheSystemsLoaderOnRandomSetsOfLibraries) {
  support::for_each_seed(500, [](std::uint64_t seed) {
    expect_model_and_loader_agree(seed, elf::LoaderKind::kGlibc);
  });
}

TEST(LoaderModel, AgreesWithMuslsLoaderOnRandomSetsOfLibraries) {
  NEEDS_PROGRAMS("musl-gcc");
  support::for_each_seed(1000, [](std::uint64_t seed) {
    expect_model_and_loader_agree(seed, elf::LoaderKind::kMusl);
  });
}

}  // namespace
#endif
