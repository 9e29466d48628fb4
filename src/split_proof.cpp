#include "src/split_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "elf/error.h"
#include "src/failure.h"
#include "src/loading_check.h"
#include "src/member_source.h"
#include "src/workers.h"
#include "wheel/error.h"
#include "wheel/member_stream.h"

namespace spokeshave {

namespace {

constexpr const char* kOurFault =
    "nothing was written; this is a fault of spokeshave, please report it with the wheel's name";

/// A rewritten library as it came back, by index of the inventory.
struct ReadBack {
  std::mutex mutex;
  std::map<std::size_t, elf::Image> images;
};

Failure broken(const std::string& file_name, const std::string& member, const std::string& why) {
  return {ExitCode::kFailed, fmt::format("`{}` did not pass its proof", file_name),
          member.empty() ? why : fmt::format("`{}`: {}", member, why), kOurFault};
}

struct Job {
  const wheel::WheelFile* wheel;
  NewMember member;

  const wheel::Member& in_archive() const { return *wheel->archive.find(member.name); }
};

void decode_and_compare(const Job& job, ReadBack& back, Progress& progress) {
  wheel::MemberStream stream(job.wheel->archive, job.in_archive());
  stream.observe([&](std::span<const std::byte> piece) { progress.advance(piece.size()); });
  stream.expect(job.wheel->rows.at(job.member.name).hash);
  if (job.member.library) {
    MemberSource source(stream);
    elf::Image image = elf::parse(source);
    const std::scoped_lock lock(back.mutex);
    back.images.insert_or_assign(*job.member.library, std::move(image));
  }
  stream.finish();
}

std::vector<elf::InstalledLibrary> as_written(const Inventory& inventory, const SplitPlan& plan,
                                              const ReadBack& back, Layout layout) {
  std::vector<elf::InstalledLibrary> set;
  for (std::size_t i = 0; i < inventory.libraries.size(); ++i) {
    const auto rewritten = back.images.find(i);
    const auto& image =
        rewritten == back.images.end() ? inventory.libraries[i].image : rewritten->second;
    const auto& planned = plan.libraries[i];
    set.push_back(elf::installed(location(layout, planned.part, planned.installed_path), image));
  }
  return set;
}

void prove_loading(const Inventory& inventory, const SplitPlan& plan, const ReadBack& back,
                   Layout layout) {
  const auto before = installed_before(inventory, Layout::kSitePackages);
  const auto after = as_written(inventory, plan, back, layout);
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
                       const SplitPlan& plan, unsigned jobs, Progress& progress) {
  SplitProof proof;
  std::vector<wheel::WheelFile> wheels;
  std::vector<Job> work;
  std::uint64_t total = 0;
  for (std::size_t part = 0; part < outputs.size(); ++part) {
    try {
      wheels.push_back(wheel::open_wheel(outputs[part].descriptor(), drafts[part].file_name));
    } catch (const wheel::Error& error) {
      throw broken(drafts[part].file_name, error.member(), error.what());
    }
  }
  for (std::size_t part = 0; part < wheels.size(); ++part) {
    proof.members += wheels[part].rows.size();
    for (const auto& member : drafts[part].written_anew) {
      work.push_back({&wheels[part], member});
      total += work.back().in_archive().size;
    }
  }
  std::stable_sort(work.begin(), work.end(), [](const Job& a, const Job& b) {
    return a.in_archive().size > b.in_archive().size;
  });

  progress.phase("proving", total);
  ReadBack back;
  run_parallel(work.size(), jobs, [&](std::size_t i) {
    try {
      decode_and_compare(work[i], back, progress);
    } catch (const wheel::Error& error) {
      throw broken(to_string(work[i].wheel->filename), error.member(), error.what());
    } catch (const elf::Error& error) {
      throw broken(to_string(work[i].wheel->filename), work[i].member.name, error.what());
    }
  });
  prove_loading(inventory, plan, back, Layout::kSitePackages);
  // musl takes no preloaded library for a need: with a folder a wheel nothing helps there.
  const bool can_preload = !plan.init_path.empty() && plan.loader == elf::LoaderKind::kGlibc;
  proof.separate = plan.preload.empty() || can_preload;
  if (proof.separate) {
    prove_loading(inventory, plan, back, Layout::kSeparate);
  }
  proof.decoded = work.size();
  proof.needs = plan.met_needs;
  return proof;
}

}  // namespace spokeshave
