#include "src/split_items.h"

#include <gmock/gmock.h>

#include "src/failure.h"
#include "tests/support/inventory_builder.h"

namespace spokeshave {
namespace {

using support::LibrarySpec;
using support::WheelValues;
using testing::ElementsAre;
using testing::HasSubstr;

SplitItems items_of(const WheelValues& wheel, const SplitRequest& request = support::request(),
                    const PackedSizes& measured = {}) {
  const NeedGraph graph = support::needs_of(wheel.inventory);
  const auto mobility =
      decide_mobility(wheel.inventory.libraries, graph, request.move, request.keep);
  return split_items(wheel.outline, wheel.inventory, graph, mobility,
                     places_in_companion(wheel.inventory.libraries, mobility), request, measured);
}

MATCHER_P3(EdgeIs, from, to, by_dlopen, "") {
  return arg.from == std::size_t(from) && arg.to == std::size_t(to) && arg.by_dlopen == by_dlopen;
}

TEST(SplitItems, EachLibraryIsAnItemAndEachNeedAnEdge) {
  const auto wheel = support::make_wheel(
      "w", {{.path = "w/a.so", .needed = {"b.so", "libc.so.6"}, .runpath = "$ORIGIN"},
            {.path = "w/b.so", .runpath = "$ORIGIN", .mentions = {"c.so"}},
            {.path = "w/c.so"}});
  const SplitItems items = items_of(wheel);
  std::vector<std::size_t> item_of(3);
  for (std::size_t item = 0; item < items.members.size(); ++item) {
    ASSERT_EQ(items.members[item].size(), 1u);
    item_of[items.members[item][0]] = item;
  }
  EXPECT_THAT(items.problem.edges, ElementsAre(EdgeIs(item_of[0], item_of[1], false),
                                               EdgeIs(item_of[1], item_of[2], true)));
  EXPECT_EQ(items.problem.items[item_of[0]].place, Place::kMain);
  EXPECT_EQ(items.problem.items[item_of[1]].place, Place::kFree);
}

TEST(SplitItems, ACircleIsOneItem) {
  const auto wheel = support::make_wheel(
      "w", {{.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN", .size = 100'000},
            {.path = "w/b.so", .needed = {"c.so"}, .runpath = "$ORIGIN", .size = 200'000},
            {.path = "w/c.so", .needed = {"a.so"}, .runpath = "$ORIGIN", .size = 300'000}});
  const SplitItems items = items_of(wheel);
  EXPECT_THAT(items.members, ElementsAre(ElementsAre(0u, 1u, 2u)));
  EXPECT_TRUE(items.problem.edges.empty());
  EXPECT_EQ(items.problem.items[0].rewrite_bytes, 600'000u);
  EXPECT_GE(items.problem.items[0].weight.installed, 600'000u);
}

TEST(SplitItems, OfACircleAllMoveOrAllStay) {
  const std::vector<LibrarySpec> circle = {
      {.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"},
      {.path = "w/b.so", .needed = {"a.so"}, .runpath = "$ORIGIN"}};
  const auto wheel = support::make_wheel("w", circle);
  EXPECT_EQ(items_of(wheel).problem.items[0].place, Place::kFree);
  EXPECT_EQ(items_of(wheel, support::request({}, {"a.so"})).problem.items[0].place, Place::kMoved);
  SplitRequest torn = support::request({}, {"a.so"});
  torn.keep = {"b.so"};
  try {
    items_of(wheel, torn);
    ADD_FAILURE() << "was taken apart";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
    EXPECT_THAT(failure.what(), HasSubstr("`a.so`, `b.so`"));
    EXPECT_THAT(failure.cause(), HasSubstr("--move"));
    EXPECT_THAT(failure.cause(), HasSubstr("--keep"));
  }
}

TEST(SplitItems, AnItemWeighsMoreThanItsLibraryByWhatARewriteMayAdd) {
  const auto wheel = support::make_wheel("w", {{.path = "w/a.so",
                                                .needed = {"b.so"},
                                                .runpath = "$ORIGIN",
                                                .size = 1'000'000,
                                                .packed = 400'000},
                                               {.path = "w/b.so"}});
  const auto items = items_of(wheel);
  const auto& weight = items.problem.items[items.members[0][0] == 0 ? 0 : 1].weight;
  EXPECT_GT(weight.installed, 1'000'000u);
  EXPECT_LT(weight.installed, 1'050'000u);
  EXPECT_GT(weight.packed, 440'000u) << "it may pack a tenth worse";
}

TEST(SplitItems, APackedSizeThatWasMeasuredTakesThePlaceOfTheEstimate) {
  const auto wheel = support::make_wheel("w", {{.path = "w/a.so",
                                                .needed = {"b.so"},
                                                .runpath = "$ORIGIN",
                                                .size = 1'000'000,
                                                .packed = 400'000},
                                               {.path = "w/b.so"}});
  const auto items = items_of(wheel, support::request(), {{"w/a.so", 410'000}});
  const auto& weight = items.problem.items[items.members[0][0] == 0 ? 0 : 1].weight;
  EXPECT_GE(weight.packed, 410'000u);
  EXPECT_LT(weight.packed, 412'000u);
}

TEST(SplitItems, TheUsersRunpathRewritesWhatMoves) {
  const auto wheel = support::make_wheel(
      "w", {{.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN"}, {.path = "w/b.so"}});
  SplitRequest wanted = support::request();
  EXPECT_FALSE(items_of(wheel, wanted).problem.items[0].rewritten_when_moved);
  wanted.runpath = "$ORIGIN";
  EXPECT_TRUE(items_of(wheel, wanted).problem.items[0].rewritten_when_moved);
}

TEST(BaseWeight, IsAllThatIsNoLibrary) {
  const std::vector<LibrarySpec> library = {{.path = "w/a.so", .size = 1'000'000'000}};
  const auto small = support::make_wheel("w", library, {{"w/__init__.py", 1000}});
  const auto large = support::make_wheel("w", library, {{"w/__init__.py", 5'001'000}});
  const Weight base = base_weight(small.outline, small.inventory);
  EXPECT_LT(base.installed, 100'000u);
  EXPECT_EQ(base_weight(large.outline, large.inventory).installed - base.installed, 5'000'000u);
  EXPECT_EQ(base_weight(large.outline, large.inventory).packed - base.packed, 2'500'000u);
}

TEST(CompanionBaseWeight, HoldsTheLicencesAndNoOtherText) {
  const auto without = support::make_wheel("w", {}, {{"w/data.bin", 9'000'000}});
  const auto with = support::make_wheel(
      "w", {}, {{"w/data.bin", 9'000'000}, {"w-1.0.dist-info/LICENSE", 3'000'000}});
  const Weight base = companion_base_weight(without.outline);
  EXPECT_LT(base.installed, 100'000u);
  EXPECT_GE(companion_base_weight(with.outline).installed, base.installed + 3'000'000);
}

}  // namespace
}  // namespace spokeshave
