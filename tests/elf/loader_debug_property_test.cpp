#include <gtest/gtest.h>

#include "tests/support/compile.h"
#include "tests/support/ld_debug_judge.h"
#include "tests/support/linked_library.h"
#include "tests/support/property_trees.h"
#include "tests/support/random_scenario.h"
#include "tests/support/temp_dir.h"

// Random sets of libraries as gcc makes them, and what ld.so says of each need under
// LD_DEBUG=libs,files.
#ifdef __x86_64__
namespace {

using support::RandomScenario;
using support::Scenario;

void expect_model_and_ld_debug_agree(std::uint64_t seed, const std::string& root) {
  RandomScenario random(seed, root, elf::LoaderKind::kGlibc, RandomScenario::Files::kLinked);
  Scenario scenario = random.libraries();
  for (auto& library : scenario.libraries) {
    if (!library.link_to) library = support::link_library(library);
  }
  support::write_links(scenario);
  random.add_dlopens(scenario);
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed) + "\n" + support::described(scenario));
  EXPECT_EQ(support::LdDebugJudge(scenario).differences(), "");
}

TEST(LoaderModel, AgreesWithLdDebugNeedByNeedOnLibrariesMadeByGcc) {
  const support::TempDir folder;
  const std::filesystem::path root = std::filesystem::canonical(folder.path()) / "tree";
  support::for_each_seed(500, [&](std::uint64_t seed) {
    expect_model_and_ld_debug_agree(seed, root.string());
    std::filesystem::remove_all(root);
  });
}

}  // namespace
#endif
