// plan_split() on small random wheels: what must hold of every plan, whatever the wheel.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "elf/load_order.h"
#include "elf/search_path.h"
#include "src/failure.h"
#include "src/loading_check.h"
#include "src/split_plan.h"
#include "tests/support/inventory_builder.h"

namespace spokeshave {
namespace {

using support::LibrarySpec;
using support::WheelValues;

/// The same wheels every time, unless told otherwise: about one wheel in 10,000 still finds a plan
/// that the proof would refuse (1412851495 is one), which is an open fault of the planner and must
/// not make an unrelated change fail.
std::uint64_t seed() {
  const char* given = std::getenv("SPOKESHAVE_SEED");
  return given != nullptr ? std::stoull(given) : 20261122;
}

class RandomWheel {
 public:
  explicit RandomWheel(std::uint64_t seed) : random_(seed) {}

  WheelValues make() {
    const std::size_t count = 2 + below(8);
    std::vector<LibrarySpec> libraries;
    for (std::size_t i = 0; i < count; ++i) libraries.push_back(library(i));
    for (std::size_t i = 0; i < count; ++i) connect(libraries, i);
    return support::make_wheel("pkg", libraries,
                               {{"pkg/__init__.py"}, {"pkg/data.bin", below(300)}});
  }

  SplitRequest request(const WheelValues& wheel) {
    SplitRequest wanted = support::request();
    const std::uint64_t all = wheel.inventory.installed_bytes;
    if (below(4) != 0) wanted.limit.installed = all * (20 + below(90)) / 100 + 30'000;
    if (below(4) == 0) wanted.limit.packed = all * (10 + below(60)) / 100 + 30'000;
    for (const auto& library : wheel.inventory.libraries) {
      if (below(8) == 0) wanted.move.push_back(library.member);
      if (below(12) == 0) wanted.keep.push_back(library.member);
    }
    return wanted;
  }

 private:
  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(random_);
  }

  std::string folder() {
    static const std::vector<std::string> kFolders = {"pkg", "pkg/lib", "pkg/lib/deep", "pkg.libs",
                                                      "other/lib"};
    return kFolders[below(kFolders.size())];
  }

  LibrarySpec library(std::size_t number) {
    LibrarySpec spec;
    spec.extension_module = below(4) == 0;
    spec.path =
        folder() + (spec.extension_module ? "/ext" : "/lib") + std::to_string(number) + ".so";
    spec.size = 100'000 + below(2'000'000);
    if (!spec.extension_module && below(6) == 0) {
      spec.soname = "libs" + std::to_string(number) + ".so.1";
    }
    if (below(8) == 0) spec.opened_by = {"pkg/__init__.py"};
    return spec;
  }

  /// Needs and a path that leads to most of them; some only to be found by what others inherit to
  /// it or have loaded before.
  void connect(std::vector<LibrarySpec>& libraries, std::size_t from) {
    LibrarySpec& spec = libraries[from];
    std::vector<std::string> entries;
    const std::string here(folder_of(spec.path));
    for (std::size_t to = 0; to < libraries.size(); ++to) {
      // Mostly downwards; now and then a circle.
      const bool needs =
          to != from && !libraries[to].extension_module && below(to > from ? 3 : 20) == 0;
      const bool opens = to != from && !needs && !libraries[to].extension_module && below(15) == 0;
      const std::string name(file_name(libraries[to].path));
      if (needs) spec.needed.push_back(name);
      if (opens) spec.mentions.insert(name);
      if ((needs || opens) && below(12) != 0) {
        entries.push_back(
            elf::relative_origin("/" + here, "/" + std::string(folder_of(libraries[to].path))));
      }
    }
    if (below(2) == 0) spec.needed.push_back("libc.so.6");
    if (below(6) == 0) spec.needed.push_back("libcublas.so.12");
    if (below(5) == 0) entries.push_back("$ORIGIN/../../nvidia/lib");
    if (below(8) == 0) entries.push_back("/opt/lib");
    std::string path;
    for (const auto& entry : entries) path += (path.empty() ? "" : ":") + entry;
    const std::uint64_t kind = below(5);
    if (kind < 2) spec.rpath = path;
    if (kind >= 2 && kind < 4) spec.runpath = path;
  }

  std::mt19937_64 random_;
};

std::string told(const WheelValues& wheel, const SplitPlan& plan) {
  std::string text;
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    const auto& library = wheel.inventory.libraries[i];
    text += std::to_string(i) + " " + library.member + " -> " + plan.libraries[i].installed_path +
            " needs";
    for (const auto& name : library.image.needed) text += " " + name;
    text += "; opens";
    for (const auto& name : library.mentions) text += " " + name;
    text += "; SONAME " + library.image.soname.value_or("-") + "; RPATH " +
            library.image.rpath.value_or("-") + "; RUNPATH " + library.image.runpath.value_or("-") +
            "; new path " + plan.libraries[i].edits.search_path.value_or("-") + "\n";
  }
  text += "preload:";
  for (const std::size_t i : plan.preload_indices) text += " " + std::to_string(i);
  return text;
}

void expect_within_limits(const WheelValues& wheel, const SplitPlan& plan) {
  std::vector<std::uint64_t> held(plan.wheels.size());
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    ASSERT_LT(plan.libraries[i].part, plan.wheels.size());
    held[plan.libraries[i].part] += wheel.inventory.libraries[i].size;
  }
  for (std::size_t part = 0; part < plan.wheels.size(); ++part) {
    const Weight& weight = plan.wheels[part].weight;
    EXPECT_GE(weight.installed, held[part]) << "a wheel weighs what it holds";
    EXPECT_TRUE(part == 0 || held[part] > 0) << "a companion that holds nothing";
    if (plan.limit.installed) {
      EXPECT_LE(weight.installed, *plan.limit.installed);
    }
    if (plan.limit.packed) {
      EXPECT_LE(weight.packed, *plan.limit.packed);
    }
  }
}

void expect_moved_only_what_may(const WheelValues& wheel, const SplitRequest& wanted,
                                const SplitPlan& plan) {
  const auto names = [](const std::vector<std::string>& globs, const std::string& member) {
    return std::find(globs.begin(), globs.end(), member) != globs.end();
  };
  std::set<std::string> places;
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    const auto& library = wheel.inventory.libraries[i];
    const auto& planned = plan.libraries[i];
    EXPECT_TRUE(places.insert(planned.installed_path).second) << planned.installed_path;
    const bool told_to = names(wanted.move, library.member);
    if (planned.part == 0) {
      EXPECT_EQ(planned.installed_path, library.installed_path);
      EXPECT_TRUE(!told_to || library.image.exports_python_init) << library.member;
    } else {
      EXPECT_FALSE(library.image.exports_python_init) << library.member;
      EXPECT_TRUE(told_to || library.opened_by.empty()) << library.member;
      EXPECT_FALSE(names(wanted.keep, library.member)) << library.member;
    }
  }
}

/// Every dlopen that found its library finds the same one after.
void expect_openings_met(const WheelValues& wheel, const SplitPlan& plan, Layout layout,
                         const std::vector<std::size_t>& preload) {
  const NeedGraph graph = support::needs_of(wheel.inventory);
  const auto after = installed_after(wheel.inventory, plan, layout);
  const auto environment = outside_is_met(after);
  for (const Need& need : graph.needs) {
    if (!need.by_dlopen || !need.is_met() || need.rule == elf::Rule::kAlreadyLoaded) continue;
    elf::Process process(after, environment);
    for (const std::size_t library : preload) process.open(after[library].path);
    process.open(after[need.from].path);
    if (!process.is_loaded(need.from)) continue;  // its own needs were not met before, either
    const auto resolutions = process.open_by_name(need.from, need.name);
    ASSERT_FALSE(resolutions.empty());
    // One found by a path that another library hands down may need that one to be loaded first.
    if (need.rule == elf::Rule::kRpath && need.path_owner != need.from) continue;
    EXPECT_EQ(resolutions.front().to, need.to) << need.from << " opens " << need.name;
  }
}

/// A circle without paths of its own cannot always be preloaded one after another: there the plan
/// promises nothing for separate folders, and the proof refuses to write what would not load
/// (docs/splitting.md, limits).
bool has_circle(const WheelValues& wheel) {
  const std::size_t count = wheel.inventory.libraries.size();
  return elf::strongly_connected_groups(support::needs_of(wheel.inventory).adjacency(count, false))
             .size() < count;
}

void expect_no_need_lost(const WheelValues& wheel, const SplitPlan& plan) {
  if (!support::needs_of(wheel.inventory).unmet.empty()) return;  // does not load as it is
  const auto before = installed_before(wheel.inventory, Layout::kSitePackages);
  for (const Layout layout : {Layout::kSitePackages, Layout::kSeparate}) {
    SCOPED_TRACE(layout == Layout::kSeparate ? "separate folders" : "one folder");
    if (layout == Layout::kSeparate && has_circle(wheel)) continue;
    const auto after = installed_after(wheel.inventory, plan, layout);
    for (const auto& loss : loading_losses(before, after, plan.preload_indices)) {
      ADD_FAILURE() << loss.from << " lost " << loss.needed;
    }
    expect_openings_met(wheel, plan, layout, plan.preload_indices);
  }
  SCOPED_TRACE("one folder, nothing preloaded");
  const auto after = installed_after(wheel.inventory, plan, Layout::kSitePackages);
  for (const auto& loss : loading_losses(before, after, {})) {
    ADD_FAILURE() << loss.from << " lost " << loss.needed;
  }
}

TEST(PlanSplitProperty, EveryPlanKeepsTheLimitsTheWishesAndEveryNeed) {
  constexpr int kWheels = 400;
  const std::uint64_t first = seed();
  int plans = 0;
  int splits = 0;
  for (std::uint64_t i = 0; i < kWheels && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(first + i));
    RandomWheel random(first + i);
    const WheelValues wheel = random.make();
    const SplitRequest wanted = random.request(wheel);
    SplitAnswer answer;
    try {
      answer = plan_split(wheel.outline, wheel.inventory, wanted, {});
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::kUsage) << to_text(failure);
      EXPECT_FALSE(wanted.move.empty()) << to_text(failure);
      continue;
    }
    if (!answer.plan) {
      ASSERT_TRUE(answer.impossible.has_value());
      continue;
    }
    ++plans;
    splits += answer.plan->wheels.size() > 1 ? 1 : 0;
    SCOPED_TRACE(told(wheel, *answer.plan));
    expect_within_limits(wheel, *answer.plan);
    expect_moved_only_what_may(wheel, wanted, *answer.plan);
    expect_no_need_lost(wheel, *answer.plan);
  }
  if (std::getenv("SPOKESHAVE_SEED") == nullptr && !testing::Test::HasFailure()) {
    EXPECT_GT(splits, kWheels / 8) << "of " << plans << " plans: the wheels test too little";
  }
}

}  // namespace
}  // namespace spokeshave
