#include "src/split_proof.h"

#include <fmt/format.h>

#include "src/failure.h"
#include "src/loading_check.h"
#include "src/written_proof.h"

namespace spokeshave {

namespace {

std::vector<elf::InstalledLibrary> as_written(const Inventory& inventory, const SplitPlan& plan,
                                              const Stage& stage, Layout layout) {
  std::vector<elf::InstalledLibrary> set;
  for (std::size_t i = 0; i < inventory.libraries.size(); ++i) {
    const StagedLibrary* staged = stage.find_library(inventory.libraries[i].member);
    const bool rewritten = staged != nullptr && staged->changed();
    const auto& image = rewritten ? staged->after : inventory.libraries[i].image;
    const auto& planned = plan.libraries[i];
    set.push_back(elf::installed(location(layout, planned.part, planned.installed_path), image));
  }
  return set;
}

void prove_loading(const Inventory& inventory, const SplitPlan& plan, const Stage& stage,
                   Layout layout) {
  const auto before = installed_before(inventory, Layout::kSitePackages);
  const auto after = as_written(inventory, plan, stage, layout);
  const auto losses =
      layout == Layout::kSitePackages
          ? loading_losses(before, after, {}, plan.opened, std::nullopt, plan.loader)
          : loading_losses(before, after, plan.preload_indices, plan.opened, plan.behind_import,
                           plan.loader);
  if (losses.empty()) {
    return;
  }
  const Loss& loss = losses.front();
  std::string tried;
  for (const auto& attempt : loss.attempts) {
    tried += fmt::format("; {}: {}", attempt.path, attempt.why_not);
  }
  throw Failure(
      ExitCode::kFound,
      fmt::format("`{}` would no longer find {}{}", inventory.libraries[loss.from].member,
                  loss.needed,
                  layout == Layout::kSeparate ? " with each wheel in a folder of its own" : ""),
      fmt::format("it was found before{}", tried),
      "nothing was written; keep the two together with --keep or --move");
}

}  // namespace

SplitProof prove_split(const std::vector<OutputFile>& outputs,
                       const std::vector<WheelDraft>& drafts, const Inventory& inventory,
                       const SplitPlan& plan, const Stage& stage, unsigned jobs,
                       Progress& progress) {
  const WrittenWheels written = prove_written(outputs, drafts, jobs, progress);
  SplitProof proof;
  proof.members = written.members;
  proof.decoded = written.decoded;
  prove_loading(inventory, plan, stage, Layout::kSitePackages);
  // musl takes no preloaded library for a need: with a folder a wheel nothing helps there.
  const bool can_preload = !plan.init_path.empty() && plan.loader == elf::LoaderKind::kGlibc;
  proof.separate = plan.preload.empty() || can_preload;
  if (proof.separate) {
    prove_loading(inventory, plan, stage, Layout::kSeparate);
  }
  proof.needs = plan.met_needs;
  return proof;
}

}  // namespace spokeshave
