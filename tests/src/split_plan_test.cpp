#include "src/split_plan.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "src/failure.h"
#include "src/loading_check.h"
#include "tests/support/inventory_builder.h"
#include "tests/support/small_torch.h"

namespace spokeshave {
namespace {

using support::LibrarySpec;
using support::make_wheel;
using support::request;
using support::WheelValues;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t kMB = 1'000'000;

SplitPlan plan_of(const WheelValues& wheel, const SplitRequest& wanted) {
  const SplitAnswer answer = plan_split(wheel.outline, wheel.inventory, wanted, {});
  EXPECT_FALSE(answer.impossible.has_value());
  return answer.plan.value();
}

ImpossibleSplit refusal_of(const WheelValues& wheel, const SplitRequest& wanted) {
  const SplitAnswer answer = plan_split(wheel.outline, wheel.inventory, wanted, {});
  EXPECT_FALSE(answer.plan.has_value());
  return answer.impossible.value();
}

/// The members that leave the main wheel.
std::vector<std::string> moved(const WheelValues& wheel, const SplitPlan& plan) {
  std::vector<std::string> members;
  for (std::size_t i = 0; i < plan.libraries.size(); ++i) {
    if (plan.libraries[i].part != 0) members.push_back(wheel.inventory.libraries[i].member);
  }
  return members;
}

void expect_within_limits(const SplitPlan& plan) {
  for (const auto& wheel : plan.wheels) {
    EXPECT_LE(wheel.weight.installed, plan.limit.installed.value_or(UINT64_MAX)) << wheel.name;
    EXPECT_LE(wheel.weight.packed, plan.limit.packed.value_or(UINT64_MAX)) << wheel.name;
  }
}

void expect_loads_as_before(const WheelValues& wheel, const SplitPlan& plan) {
  const auto before = installed_before(wheel.inventory, Layout::kSitePackages);
  EXPECT_THAT(
      loading_losses(before, installed_after(wheel.inventory, plan, Layout::kSitePackages), {}),
      IsEmpty());
  EXPECT_THAT(loading_losses(before, installed_after(wheel.inventory, plan, Layout::kSeparate),
                             plan.preload_indices),
              IsEmpty());
}

TEST(PlanSplit, AWheelOfTorchsShapeGoesIntoTwoThatLoadAsBefore) {
  const WheelValues wheel = support::small_torch();
  SplitRequest wanted = request(3'000 * kMB);
  wanted.companion = "cudatorch";
  const SplitPlan plan = plan_of(wheel, wanted);
  ASSERT_THAT(plan.wheels, SizeIs(2));
  EXPECT_EQ(plan.wheels[0].requirement, "torch==1.0+split.1");
  EXPECT_EQ(plan.wheels[1].requirement, "cudatorch==1.0+split.1");
  expect_within_limits(plan);
  expect_loads_as_before(wheel, plan);
  EXPECT_TRUE(plan.optimal());
  EXPECT_EQ(plan.cost.dlopen_edges_cut, 0u) << "cuDNN's parts stay together";
  EXPECT_EQ(plan.init_path, "torch/__init__.py");
  EXPECT_FALSE(plan.preload.empty());
  EXPECT_THAT(moved(wheel, plan), testing::Not(Contains("torch/lib/libtorch_global_deps.so")));
}

TEST(PlanSplit, WhatIsToldToMoveMovesAndNoMore) {
  const WheelValues wheel = support::small_torch();
  const SplitPlan plan = plan_of(wheel, request({}, {"libcublas*"}));
  EXPECT_THAT(moved(wheel, plan),
              ElementsAre("torch/lib/libcublas.so.11", "torch/lib/libcublasLt.so.11"));
  const auto& cublas = plan.libraries[wheel.at("torch/lib/libcublas.so.11")];
  EXPECT_EQ(cublas.installed_path, "torch_libs/lib/libcublas.so.11");
  EXPECT_TRUE(cublas.edits.empty()) << "what it needs came along";
  for (const char* user : {"torch/lib/libtorch_cuda.so", "torch/lib/libtorch_global_deps.so"}) {
    EXPECT_EQ(plan.libraries[wheel.at(user)].edits.search_path,
              "$ORIGIN:$ORIGIN/../../torch_libs/lib")
        << user;
  }
  std::vector<std::string> preloaded;
  for (const auto& library : plan.preload) preloaded.push_back(library.path);
  EXPECT_THAT(preloaded,
              ElementsAre("torch_libs/lib/libcublasLt.so.11", "torch_libs/lib/libcublas.so.11"));
  expect_loads_as_before(wheel, plan);
}

TEST(PlanSplit, ALibraryThatIsNeededByItsFileNameGetsItAsSonameWhenItMoves) {
  const WheelValues wheel = support::small_torch();
  const SplitPlan plan = plan_of(wheel, request({}, {"libgomp*"}));
  EXPECT_EQ(plan.libraries[wheel.at("torch/lib/libgomp-a34b3233.so.1")].edits.soname,
            "libgomp-a34b3233.so.1");
  expect_loads_as_before(wheel, plan);
}

TEST(PlanSplit, MoveAndALimitTogetherMoveWhatTheLimitAsksForBesides) {
  const WheelValues wheel = support::small_torch();
  const SplitPlan plan = plan_of(wheel, request(2'500 * kMB, {"libcublas.so*"}));
  EXPECT_THAT(moved(wheel, plan), testing::Contains("torch/lib/libcublas.so.11"));
  expect_within_limits(plan);
  expect_loads_as_before(wheel, plan);
}

TEST(PlanSplit, KeepHoldsALibraryAndTheRestMakesRoom) {
  const WheelValues wheel = support::small_torch();
  SplitRequest wanted = request(3'000 * kMB);
  wanted.keep = {"libtorch_cuda.so", "libcudnn*"};
  const SplitPlan plan = plan_of(wheel, wanted);
  for (const auto& member : moved(wheel, plan)) {
    EXPECT_THAT(member, testing::Not(testing::AnyOf(HasSubstr("torch_cuda"), HasSubstr("cudnn"))));
  }
  expect_within_limits(plan);
  expect_loads_as_before(wheel, plan);
}

/// A user that stays and needs five libraries of 100 MB.
WheelValues five_of_a_hundred() {
  std::vector<LibrarySpec> libraries = {{.path = "w/_C.so",
                                         .needed = {"a.so", "b.so", "c.so", "d.so", "e.so"},
                                         .runpath = "$ORIGIN/lib",
                                         .extension_module = true}};
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    libraries.push_back({.path = std::string("w/lib/") + name + ".so", .size = 100 * kMB});
  }
  return make_wheel("w", libraries, {{"w/__init__.py"}});
}

TEST(PlanSplit, ASmallerBudgetTakesMoreCompanions) {
  const WheelValues wheel = five_of_a_hundred();
  EXPECT_THAT(plan_of(wheel, request(600 * kMB)).wheels, SizeIs(1));
  EXPECT_THAT(plan_of(wheel, request(410 * kMB)).wheels, SizeIs(2));
  const SplitPlan plan = plan_of(wheel, request(210 * kMB));
  ASSERT_THAT(plan.wheels, SizeIs(3));
  EXPECT_EQ(plan.wheels[2].name, "w-libs-2");
  expect_within_limits(plan);
  expect_loads_as_before(wheel, plan);
  EXPECT_THAT(plan_of(wheel, request(110 * kMB)).wheels, SizeIs(5));
}

TEST(PlanSplit, TheLimitOfPackedBytesCountsAsWell) {
  const WheelValues wheel = five_of_a_hundred();  // each packs to 50 MB
  SplitRequest wanted = request();
  wanted.limit.packed = 120 * kMB;
  const SplitPlan plan = plan_of(wheel, wanted);
  EXPECT_THAT(plan.wheels, SizeIs(3));
  expect_within_limits(plan);
}

TEST(PlanSplit, AWheelThatFitsStaysWhole) {
  const WheelValues wheel = support::small_torch();
  const SplitPlan plan = plan_of(wheel, request(5'000 * kMB));
  EXPECT_THAT(plan.wheels, SizeIs(1));
  EXPECT_THAT(moved(wheel, plan), IsEmpty());
  EXPECT_THAT(plan.preload, IsEmpty());
  for (const auto& library : plan.libraries) EXPECT_TRUE(library.edits.empty());
}

TEST(PlanSplit, AnImpossibleBudgetIsToldWithTheSmallestAndWhoDictatesIt) {
  const WheelValues wheel = five_of_a_hundred();
  const ImpossibleSplit why = refusal_of(wheel, request(90 * kMB));
  EXPECT_EQ(why.limit.installed, 90 * kMB);
  EXPECT_GE(why.smallest.installed, 100 * kMB);
  EXPECT_THAT(why.installed_dictated_by, HasSubstr("w/lib/"));
  EXPECT_THAT(plan_of(wheel, request(why.smallest.installed)).wheels, SizeIs(6));
  EXPECT_EQ(refusal_of(wheel, request(why.smallest.installed - 1)).smallest.installed,
            why.smallest.installed);
}

TEST(PlanSplit, TheSmallestPackedBudgetIsOneThatDoes) {
  const WheelValues wheel = five_of_a_hundred();
  SplitRequest wanted = request();
  wanted.limit.packed = 10 * kMB;
  wanted.limit.packed = refusal_of(wheel, wanted).smallest.packed;
  expect_within_limits(plan_of(wheel, wanted));
  --*wanted.limit.packed;
  refusal_of(wheel, wanted);
}

TEST(PlanSplit, WhatMustStayMayDictateTheSmallestBudget) {
  const WheelValues wheel =
      make_wheel("w", {{.path = "w/_C.so", .size = 300 * kMB, .extension_module = true},
                       {.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"},
                       {.path = "w/b.so"}});
  const ImpossibleSplit why = refusal_of(wheel, request(200 * kMB));
  EXPECT_GE(why.smallest.installed, 300 * kMB);
  EXPECT_THAT(why.installed_dictated_by, HasSubstr("must stay in the main wheel"));
  EXPECT_THAT(why.installed_dictated_by, HasSubstr("w/_C.so"));
}

// musl inherits a RUNPATH, as glibc does not: what was met that way stays met.
TEST(PlanSplit, AMusllinuxWheelLoadsAsBeforeByTheRulesOfMusl) {
  WheelValues wheel = support::make_wheel("w",
                                          {{.path = "w/_C.so",
                                            .needed = {"liba.so"},
                                            .runpath = "$ORIGIN/lib",
                                            .extension_module = true},
                                           {.path = "w/lib/liba.so", .needed = {"libb.so"}},
                                           {.path = "w/lib/libb.so"}},
                                          {{.path = "w/__init__.py"}});
  wheel.outline.filename.platform_tag = "musllinux_1_2_x86_64";
  const SplitPlan plan = plan_of(wheel, request({}, {"libb.so"}));
  EXPECT_EQ(plan.loader, elf::LoaderKind::kMusl);
  EXPECT_EQ(plan.met_needs, 2u);
  const auto before = installed_before(wheel.inventory, Layout::kSitePackages);
  const auto after = installed_after(wheel.inventory, plan, Layout::kSitePackages);
  EXPECT_THAT(loading_losses(before, after, {}, {}, std::nullopt, elf::LoaderKind::kMusl),
              IsEmpty());
  EXPECT_THAT(plan.notes, Contains(HasSubstr("musl meets no need")));
}

TEST(PlanSplit, TwoLibrariesOfOneFileNameAreNotMixedUp) {
  const WheelValues wheel = make_wheel(
      "w",
      {{.path = "w/a/libk.so", .size = 10 * kMB},
       {.path = "w/a/x.so", .needed = {"libk.so", "libbig.so"}, .runpath = "$ORIGIN:$ORIGIN/.."},
       {.path = "w/b/libk.so", .size = 10 * kMB},
       {.path = "w/b/y.so", .needed = {"libk.so", "libbig.so"}, .runpath = "$ORIGIN:$ORIGIN/.."},
       {.path = "w/libbig.so", .size = 100 * kMB}},
      {{"w/__init__.py"}});
  const SplitPlan plan = plan_of(wheel, request(105 * kMB));
  EXPECT_THAT(moved(wheel, plan), ElementsAre("w/libbig.so"));
  expect_loads_as_before(wheel, plan);
  const SplitPlan told = plan_of(wheel, request({}, {"w/a/libk.so", "w/b/libk.so"}));
  const std::string first = told.libraries[wheel.at("w/a/libk.so")].installed_path;
  const std::string second = told.libraries[wheel.at("w/b/libk.so")].installed_path;
  EXPECT_NE(first, second);
  const auto before = installed_before(wheel.inventory, Layout::kSitePackages);
  EXPECT_THAT(
      loading_losses(before, installed_after(wheel.inventory, told, Layout::kSitePackages), {}),
      IsEmpty());
}

TEST(PlanSplit, ACircleMovesWhole) {
  const WheelValues wheel = make_wheel(
      "w",
      {{.path = "w/_C.so", .needed = {"a.so"}, .runpath = "$ORIGIN", .extension_module = true},
       {.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"},
       {.path = "w/b.so", .needed = {"a.so"}, .runpath = "$ORIGIN"}},
      {{"w/__init__.py"}});
  const SplitPlan plan = plan_of(wheel, request({}, {"a.so"}));
  EXPECT_THAT(moved(wheel, plan), ElementsAre("w/a.so", "w/b.so"));
  expect_loads_as_before(wheel, plan);
}

// In folders of their own neither can be loaded before the other: they must find each other.
TEST(PlanSplit, ACircleThatLivesByAnInheritedRpathGetsPathsOfItsOwn) {
  const WheelValues wheel = make_wheel(
      "w",
      {{.path = "w/_C.so", .needed = {"a.so"}, .rpath = "$ORIGIN/lib", .extension_module = true},
       {.path = "w/lib/a.so", .needed = {"b.so"}},
       {.path = "w/lib/b.so", .needed = {"a.so"}}},
      {{"w/__init__.py"}});
  expect_loads_as_before(wheel, plan_of(wheel, request({}, {"a.so"})));
}

TEST(PlanSplit, ACompanionMustNotTakeTheNameOfAPackage) {
  SplitRequest wanted = request(3'000 * kMB);
  wanted.companion = "torchgen";
  const WheelValues wheel = support::small_torch();
  EXPECT_THROW(plan_split(wheel.outline, wheel.inventory, wanted, {}), Failure);
}

/// All that a plan decides, as text.
std::string told(const SplitPlan& plan) {
  std::string text;
  for (const auto& wheel : plan.wheels) {
    text += to_string(wheel.filename) + " " + std::to_string(wheel.weight.installed) + " " +
            std::to_string(wheel.weight.packed) + "\n";
  }
  for (const auto& library : plan.libraries) {
    text += library.installed_path + " " + std::to_string(library.part) + " " +
            library.edits.search_path.value_or("-") + " " + library.edits.soname.value_or("-") +
            "\n";
  }
  for (const std::size_t i : plan.preload_indices) text += std::to_string(i) + " ";
  for (const auto& note : plan.notes) text += "\n" + note;
  return text + "\n" + plan.init_path;
}

TEST(PlanSplit, TheOrderOfTheArchiveDoesNotMatter) {
  const WheelValues wheel = support::small_torch();
  const std::string plan = told(plan_of(wheel, request(3'000 * kMB)));
  std::mt19937 random(1);
  for (int round = 0; round < 5; ++round) {
    WheelValues shuffled = wheel;
    std::shuffle(shuffled.outline.members.begin(), shuffled.outline.members.end(), random);
    EXPECT_EQ(told(plan_of(shuffled, request(3'000 * kMB))), plan);
  }
}

TEST(PlanSplit, NotesTellOfLinkTimeUsersAndOfWhatCannotBeRead) {
  WheelValues wheel = support::small_torch();
  wheel.inventory.text_mentions = {{"torch/share/Torch.cmake", {"libcublas.so.11", "libc10.so"}}};
  wheel.inventory.unreadable = {{"torch/data/odd", "the header is cut off"}};
  const SplitPlan plan = plan_of(wheel, request({}, {"libcublas.so.11"}));
  ASSERT_THAT(plan.notes, SizeIs(2));
  EXPECT_THAT(plan.notes[0], HasSubstr("`torch/share/Torch.cmake` names libcublas.so.11"));
  EXPECT_THAT(plan.notes[1], HasSubstr("`torch/data/odd`"));
}

TEST(PlanSplit, ANoteTellsThatNothingIsPreloadedWhereNoPackageCould) {
  const WheelValues wheel = make_wheel(
      "w", {{.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"}, {.path = "w/b.so"}});
  const SplitPlan plan = plan_of(wheel, request({}, {"b.so"}));
  EXPECT_EQ(plan.init_path, "");
  EXPECT_THAT(plan.notes, ElementsAre(HasSubstr("nothing is preloaded")));
}

}  // namespace
}  // namespace spokeshave
