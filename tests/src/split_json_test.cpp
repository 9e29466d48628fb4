#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "src/split_report.h"
#include "tests/support/inventory_builder.h"
#include "tests/support/small_torch.h"

namespace spokeshave {
namespace {

using Json = nlohmann::json;
using support::WheelValues;

Json json_of(const WheelValues& wheel, const SplitRequest& wanted) {
  const SplitAnswer answer = plan_split(wheel.outline, wheel.inventory, wanted, {});
  const std::string text =
      split_json({"torch.whl", {3'700'000'000, 1'850'000'000}}, wheel.inventory, *answer.plan, {});
  EXPECT_EQ(text.back(), '\n');
  return Json::parse(text);
}

TEST(SplitJson, OfADryRunTellsThePlan) {
  const Json json =
      json_of(support::small_torch(), support::request(3'000'000'000, {"libcublas*"}));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["command"], "split");
  EXPECT_EQ(json["wheel"], "torch.whl");
  EXPECT_EQ(json["size"]["installed_bytes"], 3'700'000'000);
  EXPECT_EQ(json["limit"]["installed_bytes"], 3'000'000'000);
  EXPECT_TRUE(json["limit"]["packed_bytes"].is_null());
  EXPECT_EQ(json["possible"], true);
  EXPECT_EQ(json["written"], false);
  ASSERT_EQ(json["wheels"].size(), 2u);
  EXPECT_EQ(json["wheels"][0]["file_name"], "torch-1.0+split.1-cp311-cp311-linux_x86_64.whl");
  EXPECT_EQ(json["wheels"][1]["requirement"], "torch-libs==1.0+split.1");
  EXPECT_FALSE(json.contains("proof"));
}

TEST(SplitJson, HasEveryLibraryOnceAndWhyItStays) {
  const WheelValues wheel = support::small_torch();
  const Json json = json_of(wheel, support::request({}, {"libcublas*"}));
  std::map<std::string, Json> by_member;
  for (const auto& part : json["wheels"]) {
    for (const auto& library : part["libraries"]) {
      EXPECT_TRUE(by_member.emplace(library["was"], library).second) << library["was"];
    }
  }
  EXPECT_EQ(by_member.size(), wheel.inventory.libraries.size());
  const Json& moved = by_member["torch/lib/libcublas.so.11"];
  EXPECT_EQ(moved["path"], "torch_libs/lib/libcublas.so.11");
  EXPECT_EQ(moved["installed_bytes"], 95'000'000);
  EXPECT_TRUE(moved["stays_because"].is_null());
  EXPECT_TRUE(moved["rewritten"].is_null());
  const Json& user = by_member["torch/lib/libtorch_cuda.so"];
  EXPECT_EQ(user["rewritten"]["search_path"], "$ORIGIN:$ORIGIN/../../torch_libs/lib");
  EXPECT_EQ(user["rewritten"]["why"], Json::array({"needs libcublas.so.11"}));
  EXPECT_EQ(by_member["torch/lib/libtorch_global_deps.so"]["stays_because"],
            "`torch/__init__.py` opens it by path");
}

TEST(SplitJson, HasThePreloadOrder) {
  const Json json = json_of(support::small_torch(), support::request({}, {"libcublas*"}));
  EXPECT_EQ(json["preload"]["init"], "torch/__init__.py");
  ASSERT_EQ(json["preload"]["libraries"].size(), 2u);
  EXPECT_EQ(json["preload"]["libraries"][0], (Json{{"path", "torch_libs/lib/libcublasLt.so.11"},
                                                   {"soname", "libcublasLt.so.11"},
                                                   {"requirement", "torch-libs==1.0+split.1"}}));
}

TEST(SplitJson, BytesThatAreNoUtf8DoNotBreakIt) {
  const WheelValues wheel = support::make_wheel(
      "w", {{.path = "w/a.so", .needed = {"b.so"}, .runpath = "$ORIGIN:/opt/\xff\"\\\n"},
            {.path = "w/b.so"}});
  const Json json = json_of(wheel, support::request({}, {"b.so"}));
  EXPECT_EQ(json["wheels"].size(), 2u);
}

TEST(ImpossibleJson, TellsTheSmallestLimitAndWhoDictatesIt) {
  const ImpossibleSplit why{.limit = {.installed = 5, .packed = std::nullopt},
                            .smallest = {738'900'123, 400'000'000},
                            .installed_dictated_by = "`a`",
                            .packed_dictated_by = "`b`"};
  const Json json = Json::parse(impossible_json({"torch.whl", {7, 8}}, why));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["possible"], false);
  EXPECT_EQ(json["written"], false);
  EXPECT_EQ(json["smallest_limit"]["installed_bytes"], 738'900'123);
  EXPECT_EQ(json["smallest_limit"]["packed_bytes"], 400'000'000);
  EXPECT_EQ(json["dictated_by"]["installed"], "`a`");
}

}  // namespace
}  // namespace spokeshave
